// Fetch sessions (KIP-227): a broker that remembers what a client reads, so that it need not say it each time. A broker may decline to
// open one; then nothing further is asked.
#include "tools/conform/delete_records_call.h"
#include "tools/conform/fetch_call.h"
#include "tools/conform/produce_call.h"
#include "tools/conform/sections.h"

namespace acklab::conform {

using protocol::ErrorCode;
using protocol::FetchRequest;
using protocol::FetchResponse;

namespace {

constexpr Versions with_sessions{7, 12};
constexpr std::int32_t never_given = 0x7ffffff1;

// A session over two partitions, opened with the first Fetch; both have a batch of two records.
class Reader {
 public:
  explicit Reader(Witness& witness) : witness_(witness), places_(witness.pair()) {
    for (int i = 0; i < 2; ++i) fill(witness, places_[static_cast<std::size_t>(i)], {draft(2)});
  }

  // Nothing stands for "as before".
  Answer<FetchResponse> ask(std::int32_t epoch, const std::vector<Wanted>& wanted = {}, std::vector<std::int32_t> forgotten = {},
                            std::int32_t max_bytes = 50 << 20) const {
    FetchRequest request = fetch_request(wanted, {.max_bytes = max_bytes, .session_id = id_, .session_epoch = epoch});
    if (!forgotten.empty()) {
      request.forgotten_topics_data.emplace_back().topic = places_[0].topic;
      request.forgotten_topics_data.back().partitions = std::move(forgotten);
    }
    return witness_.ask<FetchResponse>(places_[0].broker, request, witness_.version<FetchRequest>(with_sessions));
  }
  // From these offsets on; the first Fetch of a session names all partitions.
  FetchResponse open(std::int64_t from, std::int32_t max_bytes = 50 << 20) {
    const FetchResponse response = accepted("Fetch", ask(0, both(from), {}, max_bytes));
    if (response.session_id == 0) throw NotAsked{"the broker opens no sessions, as it may"};
    id_ = response.session_id;
    return response;
  }

  std::vector<Wanted> both(std::int64_t from) const { return {{places_[0], from}, {places_[1], from}}; }
  const Place& place(std::size_t index) const { return places_[index]; }
  std::int32_t id() const { return id_; }
  void pretend(std::int32_t id) { id_ = id; }

 private:
  const Witness& witness_;
  std::vector<Place> places_;
  std::int32_t id_ = 0;
};

// "NONE, partitions 0 1": the code of the whole, and of whom it speaks.
std::string whole(const Answer<FetchResponse>& answer) {
  if (!answer) return answer.error();
  std::string all = code(answer->error_code) + ", partitions";
  for (const auto& topic : answer->topics) {
    for (const auto& partition : topic.partitions) all += fmt::format(" {}", partition.partition_index);
  }
  return all;
}

// Of the first partition with records.
std::string first_with_records(const FetchResponse& response) {
  for (const auto& topic : response.topics) {
    for (const auto& partition : topic.partitions) {
      if (partition.records && !partition.records->empty()) return std::to_string(partition.partition_index);
    }
  }
  return "none";
}

const Question questions[] = {
    {"session.none", "Session 0 with epoch -1 is no session.", "KIP-227", "session 0",
     [](Witness& witness) {
       const Reader reader(witness);
       return fmt::format("session {}", accepted("Fetch", reader.ask(-1, reader.both(0))).session_id);
     }},
    {"session.full", "The first answer of a session lists every partition.", "KIP-227", "NONE, partitions 0 1",
     [](Witness& witness) { return whole(Reader(witness).open(2)); }},
    {"session.unchanged", "A later answer is silent about partitions of which there is no news.", "KIP-227", "NONE, partitions",
     [](Witness& witness) {
       Reader reader(witness);
       reader.open(2);
       return whole(reader.ask(1));
     }},
    {"session.news", "A later answer lists a partition that has new records.", "KIP-227", "NONE, partitions 1",
     [](Witness& witness) {
       Reader reader(witness);
       reader.open(2);
       fill(witness, reader.place(1), {draft()});
       return whole(reader.ask(1));
     }},
    {"session.epochs", "The epoch grows by one with each request.", "KIP-227", "NONE, partitions",
     [](Witness& witness) {
       Reader reader(witness);
       reader.open(2);
       accepted("Fetch", reader.ask(1));
       return whole(reader.ask(2));
     }},
    {"session.wrong-epoch", "An epoch that is not the next one is refused, without partitions.", "KIP-227",
     "INVALID_FETCH_SESSION_EPOCH, partitions",
     [](Witness& witness) {
       Reader reader(witness);
       reader.open(2);
       return whole(reader.ask(2));
     }},
    {"session.unknown", "A session that is not known is refused, without partitions.", "KIP-227",
     "FETCH_SESSION_ID_NOT_FOUND, partitions",
     [](Witness& witness) {
       Reader reader(witness);
       reader.open(2);
       reader.pretend(reader.id() == never_given ? never_given - 1 : never_given);
       return whole(reader.ask(1));
     }},
    {"session.closed", "Epoch -1 closes the session, and the request is served without one.", "KIP-227",
     "NONE, partitions 0 1, session 0; then FETCH_SESSION_ID_NOT_FOUND, partitions",
     [](Witness& witness) {
       Reader reader(witness);
       reader.open(2);
       const auto last = reader.ask(-1, reader.both(2));
       const std::string answered = whole(last);
       return fmt::format("{}, session {}; then {}", answered, last ? last->session_id : 0, whole(reader.ask(1)));
     }},
    {"session.another", "Epoch 0 closes the session and opens another.", "KIP-227", "another session",
     [](Witness& witness) {
       Reader reader(witness);
       reader.open(2);
       const std::int32_t old = reader.id();
       return std::string(reader.open(2).session_id == old ? "the same session" : "another session");
     }},
    {"session.moved", "A partition that is named again is read from where the request says.", "KIP-227", "NONE, partitions 0",
     [](Witness& witness) {
       Reader reader(witness);
       reader.open(2);
       return whole(reader.ask(1, {{reader.place(0), 0}}));
     }},
    {"session.forgotten", "A partition that is forgotten is not spoken of again.", "KIP-227", "NONE, partitions 0",
     [](Witness& witness) {
       Reader reader(witness);
       reader.open(2);
       for (std::size_t i = 0; i < 2; ++i) fill(witness, reader.place(i), {draft()});
       return whole(reader.ask(1, {}, {1}));
     }},
    {"session.log-start", "A partition whose log start moved is news without records.", "KIP-227; KIP-107", "NONE, partitions 0",
     [](Witness& witness) {
       Reader reader(witness);
       reader.open(2);
       accepted("DeleteRecords", delete_records(witness, reader.place(0), 1));
       return whole(reader.ask(1));
     }},
    {"session.error", "A partition with an error is spoken of each time.", "KIP-227",
     "NONE, partitions 1000; then NONE, partitions 1000",
     [](Witness& witness) {
       Reader reader(witness);
       reader.open(2);
       Place unknown = reader.place(0);
       unknown.partition = 1000;
       const std::string first = whole(reader.ask(1, {{unknown, 0}}));
       return first + "; then " + whole(reader.ask(2));
     }},
    {"session.turns", "A partition that gave records goes behind the others, so that each has its turn.", "KIP-227", "0, then 1",
     [](Witness& witness) {
       Reader reader(witness);
       reader.open(0, 1);  // which sets the order
       const std::string first = first_with_records(accepted("Fetch", reader.ask(1, {}, {}, 1)));
       return first + ", then " + first_with_records(accepted("Fetch", reader.ask(2, {}, {}, 1)));
     }},
};

}  // namespace

std::span<const Question> fetch_sessions() { return questions; }

}  // namespace acklab::conform
