// Topics by id (KIP-516): since Produce 13 and Fetch 13 a topic has no name on the wire, so that nothing that was meant for a topic
// reaches another that was made later under its name.
#include "tools/conform/fetch_call.h"
#include "tools/conform/produce_call.h"
#include "tools/conform/sections.h"

namespace acklab::conform {

using protocol::FetchRequest;
using protocol::FetchResponse;
using protocol::Uuid;

namespace {

constexpr Versions by_id{13};
constexpr Uuid never_given{{0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef, 0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef}};

const Place& with_id(const Place& place) {
  if (place.topic_id.is_zero()) throw NotAsked{"Metadata tells no topic ids"};
  return place;
}
Place of_no_topic(Witness& witness) {
  Place place = with_id(witness.untouched());
  place.topic_id = never_given;
  return place;
}

// Of the answer for the only partition.
template <class Response>
std::string with_its_id(const Place& place, const Answer<Response>& answer) {
  if (!answer) return answer.error();
  if (answer->topics.size() != 1 || answer->topics[0].partitions.size() != 1) return "an answer about something else";
  const bool same = answer->topics[0].topic_id == place.topic_id;
  return code(answer->topics[0].partitions[0].error_code) + (same ? ", the same id" : ", another id");
}

// Opens a session in which topics have names, and goes on in it with ids.
std::string session_of_both(Witness& witness) {
  const Place& place = with_id(witness.untouched());
  const std::int16_t with_ids = witness.version<FetchRequest>(by_id);
  const auto opened = sound("Fetch", fetch(witness, place.broker, {{place, 0}}, {.versions = {7, 12}, .session_epoch = 0}));
  if (opened.session_id == 0) throw NotAsked{"the broker opens no sessions, as it may"};
  const FetchRequest next = fetch_request({{place, 0}}, {.session_id = opened.session_id, .session_epoch = 1});
  return code(witness.ask<FetchResponse>(place.broker, next, with_ids));
}

const Question questions[] = {
    {"topic-id.told", "Metadata tells the id of each topic since version 10.", "KIP-516", "an id",
     [](Witness& witness) {
       witness.version<protocol::MetadataRequest>({10});
       return std::string(witness.untouched().topic_id.is_zero() ? "no id" : "an id");
     }},
    {"topic-id.produce", "Produce names topics by id since version 13, and so does its answer.", "KIP-516", "NONE, the same id",
     [](Witness& witness) {
       const Place place = with_id(witness.place());
       return with_its_id(place, produce(witness, {{place, draft().bytes()}}, {.versions = by_id}));
     }},
    {"topic-id.produce-unknown", "An id that nobody knows is not written to.", "KIP-516", "UNKNOWN_TOPIC_ID",
     [](Witness& witness) { return code(produce(witness, of_no_topic(witness), draft(), {.versions = by_id})); }},
    {"topic-id.fetch", "Fetch names topics by id since version 13, and so does its answer.", "KIP-516", "NONE, the same id",
     [](Witness& witness) {
       const Place place = with_id(witness.place());
       return with_its_id(place, fetch(witness, place.broker, {{place, 0}}, {.versions = by_id}));
     }},
    {"topic-id.fetch-unknown", "An id that nobody knows is not read.", "KIP-516", "UNKNOWN_TOPIC_ID",
     [](Witness& witness) {
       return code(fetch(witness, {of_no_topic(witness), 0}, {.versions = by_id}));
     }},
    {"topic-id.session-of-names", "A Fetch session that began with names does not go on with ids.", "KIP-516",
     "FETCH_SESSION_TOPIC_ID_ERROR", session_of_both},
};

}  // namespace

std::span<const Question> topic_ids() { return questions; }

}  // namespace acklab::conform
