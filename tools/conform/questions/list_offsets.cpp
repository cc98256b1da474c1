// ListOffsets: where a log begins and ends, and which record has which time.
#include "tools/conform/delete_records_call.h"
#include "tools/conform/fetch_call.h"
#include "tools/conform/list_offsets_call.h"
#include "tools/conform/produce_call.h"
#include "tools/conform/sections.h"

namespace acklab::conform {

using protocol::NewRecord;

namespace {

constexpr std::int32_t no_such_partition = 1000;

NewRecord at(std::int64_t timestamp) { return {.timestamp = timestamp, .key = "key", .value = "value", .headers = {}}; }

// Offsets 0 to 4, of which the fourth has the largest timestamp.
Place with_times(Witness& witness) {
  const Place place = witness.place();
  fill(witness, place, {draft({at(1000), at(2000)}), draft({at(3000), at(5000), at(4000)})});
  return place;
}

std::string position(const Answer<Listed>& answer) {
  if (!answer) return answer.error();
  if (answer->error_code != protocol::ErrorCode::none) return code(answer->error_code);
  return fmt::format("offset {}, timestamp {}", answer->offset, answer->timestamp);
}

std::string codes(const protocol::ListOffsetsResponse& answer) {
  std::string all;
  for (const auto& topic : answer.topics) {
    for (const auto& one : topic.partitions) all += (all.empty() ? "" : ", ") + code(one.error_code);
  }
  return all;
}

std::string epoch_answer(Witness& witness, int difference) {
  const Place& place = witness.untouched();
  if (place.leader_epoch < 0) throw NotAsked{"Metadata tells no leader epochs"};
  return code(list_offsets(witness, place, latest, {.versions = {4}, .current_leader_epoch = place.leader_epoch + difference}));
}

const Question questions[] = {
    {"offsets.latest", "-1 is the high watermark, without a time.", "KIP-79", "offset 5, timestamp -1",
     [](Witness& witness) { return position(list_offsets(witness, with_times(witness), latest)); }},
    {"offsets.latest-committed", "-1 under isolation level 1 is the last stable offset: without transactions, the same.",
     "KIP-98", "offset 5, timestamp -1",
     [](Witness& witness) {
       return position(list_offsets(witness, with_times(witness), latest, {.versions = {2}, .isolation_level = 1}));
     }},
    {"offsets.earliest", "-2 is the log start offset, without a time.", "KIP-79", "offset 0, timestamp -1",
     [](Witness& witness) { return position(list_offsets(witness, with_times(witness), earliest)); }},
    {"offsets.earliest-after-deletion", "The log start offset moves when records are deleted.", "KIP-107",
     "offset 3, timestamp -1",
     [](Witness& witness) {
       const Place place = with_times(witness);
       accepted("DeleteRecords", delete_records(witness, place, 3));
       return position(list_offsets(witness, place, earliest));
     }},
    {"offsets.empty", "An empty partition begins and ends at 0.", "KIP-79", "offset 0, timestamp -1",
     [](Witness& witness) { return position(list_offsets(witness, witness.place(), latest)); }},
    {"offsets.at-time", "A time gives the first record with that timestamp or a later one, also inside a batch.", "KIP-79",
     "offset 1, timestamp 2000", [](Witness& witness) { return position(list_offsets(witness, with_times(witness), 2000)); }},
    {"offsets.between-times", "A time that no record has gives the first later one.", "KIP-79", "offset 3, timestamp 5000",
     [](Witness& witness) { return position(list_offsets(witness, with_times(witness), 3001)); }},
    {"offsets.behind-all-times", "A time behind all records gives no offset, and no error.", "KIP-79", "offset -1, timestamp -1",
     [](Witness& witness) { return position(list_offsets(witness, with_times(witness), 5001)); }},
    {"offsets.time-in-empty", "An empty partition has no record of any time.", "KIP-79", "offset -1, timestamp -1",
     [](Witness& witness) { return position(list_offsets(witness, witness.place(), 0)); }},
    {"offsets.largest-timestamp", "-3 is the record with the largest timestamp.", "KIP-734", "offset 3, timestamp 5000",
     [](Witness& witness) { return position(list_offsets(witness, with_times(witness), largest_timestamp, {.versions = {7}})); }},
    {"offsets.largest-in-empty", "-3 of an empty partition is none.", "KIP-734", "offset -1, timestamp -1",
     [](Witness& witness) { return position(list_offsets(witness, witness.place(), largest_timestamp, {.versions = {7}})); }},
    {"offsets.earliest-local", "-4 is the earliest offset on the leader's own disk: without tiered storage the log start offset.",
     "KIP-405", "offset 0, timestamp -1",
     [](Witness& witness) { return position(list_offsets(witness, with_times(witness), earliest_local, {.versions = {8}})); }},
    {"offsets.latest-tiered", "-5 is the latest offset in tiered storage: without one, none.", "KIP-1005",
     "offset -1, timestamp -1",
     [](Witness& witness) { return position(list_offsets(witness, with_times(witness), latest_tiered, {.versions = {9}})); }},
    {"offsets.leader-epoch", "Since version 4 the epoch of the offset is told.", "KIP-320", "the epoch in Metadata",
     [](Witness& witness) {
       const Place place = with_times(witness);
       if (place.leader_epoch < 0) throw NotAsked{"Metadata tells no leader epochs"};
       const auto epoch = accepted("ListOffsets", list_offsets(witness, place, latest, {.versions = {4}})).leader_epoch;
       return epoch == place.leader_epoch ? "the epoch in Metadata" : fmt::format("epoch {}, not {}", epoch, place.leader_epoch);
     }},
    {"offsets.twice", "A partition that is named twice is refused, and answered once.", "protocol guide, ListOffsets",
     "INVALID_REQUEST",
     [](Witness& witness) {
       const Place& place = witness.untouched();
       return codes(sound("ListOffsets", list_offsets(witness, std::vector{place, place}, latest)));
     }},
    {"offsets.unknown-partition", "A partition that does not exist has no offsets.", "protocol guide, error codes",
     "UNKNOWN_TOPIC_OR_PARTITION",
     [](Witness& witness) {
       Place place = witness.untouched();
       place.partition = no_such_partition;
       return code(list_offsets(witness, place, latest));
     }},
    {"offsets.partitions-fail-alone", "Each partition of a request succeeds or fails by itself.", "protocol guide, ListOffsets",
     "NONE, UNKNOWN_TOPIC_OR_PARTITION",
     [](Witness& witness) {
       const Place& place = witness.untouched();
       Place unknown = place;
       unknown.partition = no_such_partition;
       return codes(sound("ListOffsets", list_offsets(witness, std::vector{place, unknown}, latest)));
     }},
    {"offsets.not-the-leader", "Only the leader tells offsets.", "protocol guide, error codes", "NOT_LEADER_OR_FOLLOWER",
     [](Witness& witness) {
       Place place = witness.untouched();
       place.broker = witness.other_broker(place);
       return code(list_offsets(witness, place, latest));
     }},
    {"offsets.current-epoch", "The right leader epoch is right.", "KIP-320", "NONE",
     [](Witness& witness) { return epoch_answer(witness, 0); }},
    {"offsets.new-epoch", "A leader epoch newer than the leader's is not known to it.", "KIP-320", "UNKNOWN_LEADER_EPOCH",
     [](Witness& witness) { return epoch_answer(witness, 1); }},
};

}  // namespace

std::span<const Question> list_offsets_questions() { return questions; }

}  // namespace acklab::conform
