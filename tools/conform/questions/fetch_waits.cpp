// When a Fetch is answered: at once, when there is enough, or when MaxWait is over.
//
// "At once" is asked with a MaxWait that is longer than an answer may take, so a broker that waits gives no answer. "Waits" is asked with
// a short MaxWait that must be over when the answer comes. Neither depends on how fast anybody is.
#include <chrono>

#include "tools/conform/fetch_call.h"
#include "tools/conform/produce_call.h"
#include "tools/conform/sections.h"

namespace acklab::conform {

using protocol::FetchRequest;
using protocol::FetchResponse;

namespace {

constexpr std::int32_t short_wait_ms = 300;
constexpr std::int32_t slack_ms = 20;  // clocks tick, and timers are set in whole milliseconds

// Whether a Fetch with a short MaxWait was answered before that was over.
std::string waited(const Witness& witness, const std::vector<Wanted>& wanted, FetchCall call) {
  call.max_wait_ms = short_wait_ms;
  const auto begun = std::chrono::steady_clock::now();
  sound("Fetch", fetch(witness, wanted.front().place.broker, wanted, call));
  const auto took = std::chrono::steady_clock::now() - begun;
  return took >= std::chrono::milliseconds(short_wait_ms - slack_ms) ? "when MaxWait is over" : "before MaxWait is over";
}

std::string at_once(const Answer<FetchResponse>& answer) { return answer ? "at once" : answer.error(); }

Wanted unknown(Witness& witness) {
  Place place = witness.untouched();
  place.topic = witness.new_name();
  return {place, 0};
}

const Question questions[] = {
    {"fetch.no-wait", "Without MaxWait the answer comes at once.", "protocol guide, Fetch", "at once",
     [](Witness& witness) {
       const Place place = witness.place();
       return at_once(fetch(witness, place.broker, {{place, 0}}, {.max_wait_ms = 0, .min_bytes = 1000}));
     }},
    {"fetch.waits", "Without enough data the answer comes when MaxWait is over.", "protocol guide, Fetch", "when MaxWait is over",
     [](Witness& witness) {
       return waited(witness, {{witness.place(), 0}}, {});
     }},
    {"fetch.waits-for-more", "Data less than MinBytes are waited with.", "protocol guide, Fetch", "when MaxWait is over",
     [](Witness& witness) {
       const Place place = witness.place();
       fill(witness, place, {draft()});
       return waited(witness, {{place, 0}}, {.min_bytes = 1 << 20});
     }},
    {"fetch.enough", "Data of MinBytes are answered at once.", "protocol guide, Fetch", "at once",
     [](Witness& witness) {
       const Place place = witness.place();
       fill(witness, place, {draft()});
       return at_once(fetch(witness, place.broker, {{place, 0}}, {.max_wait_ms = witness.beyond_patience_ms()}));
     }},
    {"fetch.no-partitions", "Who asks for nothing is answered at once.", "protocol guide, Fetch", "at once",
     [](Witness& witness) {
       return at_once(fetch(witness, witness.bootstrap(), {}, {.max_wait_ms = witness.beyond_patience_ms()}));
     }},
    {"fetch.error-ends-wait", "An error of one partition is answered at once.", "protocol guide, Fetch", "at once",
     [](Witness& witness) {
       const auto places = witness.pair();
       return at_once(
           fetch(witness, places[0].broker, {{places[0], 0}, {places[1], 1}}, {.max_wait_ms = witness.beyond_patience_ms()}));
     }},
    {"fetch.unknown-waits", "A partition that does not exist does not cut the wait of others short.", "recorded from Kafka 2.4",
     "when MaxWait is over",
     [](Witness& witness) {
       return waited(witness, {{witness.place(), 0}, unknown(witness)}, {});
     }},
    {"fetch.woken", "A waiting Fetch is answered when records come.", "protocol guide, Fetch", "1 batch",
     [](Witness& witness) {
       const Place place = witness.place();
       const std::int16_t version = witness.version<FetchRequest>({4, 12});
       Wire wire = witness.connect(place.broker);
       const FetchRequest request = fetch_request({{place, 0}}, {.max_wait_ms = witness.beyond_patience_ms()});
       wire.send(protocol::request_frame(request, version, 1, own_client_id).flatten().text());
       fill(witness, place, {draft()});
       const auto answer = accepted("Fetch", only_partition(receive<FetchResponse>(wire, version, 1)));
       return fmt::format("{} batch", batches_in(answer).size());
     }},
};

}  // namespace

std::span<const Question> fetch_waits() { return questions; }

}  // namespace acklab::conform
