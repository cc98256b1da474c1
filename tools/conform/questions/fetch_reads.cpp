// What a Fetch gives: from where, how much, and what is told beside the records.
#include "tools/conform/delete_records_call.h"
#include "tools/conform/fetch_call.h"
#include "tools/conform/list_offsets_call.h"
#include "tools/conform/produce_call.h"
#include "tools/conform/sections.h"

namespace acklab::conform {

using protocol::FetchResponse;

namespace {

constexpr std::int32_t no_such_partition = 1000;

// Two batches with two records each: offsets 0 to 3.
Place two_batches(Witness& witness) {
  const Place place = witness.place();
  fill(witness, place, {draft(2), draft(2)});
  return place;
}

std::string batch_offsets(const Fetched& fetched) {
  std::string offsets = "batches at";
  for (const auto& batch : batches_in(fetched)) offsets += fmt::format(" {}", batch.header().base_offset.value);
  return offsets;
}

// Two partitions with a batch each, led by the same broker.
std::vector<Wanted> two_partitions(Witness& witness) {
  const auto places = witness.pair();
  for (int i = 0; i < 2; ++i) fill(witness, places[static_cast<std::size_t>(i)], {draft(2)});
  return {{places[0], 0}, {places[1], 0}};
}

// Which partitions came, in which order, and which of them with records.
std::string partitions_of(const Answer<FetchResponse>& answer) {
  if (!answer) return answer.error();
  std::string all;
  for (const auto& topic : answer->topics) {
    for (const auto& partition : topic.partitions) {
      const bool records = partition.records && !partition.records->empty();
      all += fmt::format("{}{}: {}", all.empty() ? "" : ", ", partition.partition_index, records ? "records" : "none");
    }
  }
  return all;
}

std::string epoch_answer(Witness& witness, int difference) {
  const Place& place = witness.untouched();
  if (place.leader_epoch < 0) throw NotAsked{"Metadata tells no leader epochs"};
  return code(fetch(witness, {place, 0}, {.versions = {9, 12}, .current_leader_epoch = place.leader_epoch + difference}));
}

// What is answered to who has read up to `offset`, the last of it in this epoch, counted from the leader's; at once, as it must be.
std::string divergence(Witness& witness, std::int64_t offset, int difference) {
  const Place place = two_batches(witness);
  if (place.leader_epoch < 0) throw NotAsked{"Metadata tells no leader epochs"};
  const auto answer = fetch(
      witness, {place, offset},
      {.versions = {12, 12}, .max_wait_ms = witness.beyond_patience_ms(), .last_fetched_epoch = place.leader_epoch + difference});
  if (!answer || answer->error_code != protocol::ErrorCode::none) return code(answer);
  if (!answer->diverging_epoch) return batch_offsets(*answer);
  const bool same = answer->diverging_epoch->epoch == place.leader_epoch;
  return fmt::format("{} epoch ends at {}, {} bytes", same ? "the same" : "another", answer->diverging_epoch->end_offset,
                     answer->records ? answer->records->size() : 0);
}

const Question questions[] = {
    {"fetch.reads", "What was produced is read, from the offset that is asked for.", "protocol guide, Fetch", "batches at 0 2",
     [](Witness& witness) {
       return batch_offsets(accepted("Fetch", fetch(witness, {two_batches(witness), 0})));
     }},
    {"fetch.whole-batch", "The data begin with the batch that holds the offset, so with earlier records perhaps.",
     "protocol guide, Fetch", "batches at 0 2",
     [](Witness& witness) {
       return batch_offsets(accepted("Fetch", fetch(witness, {two_batches(witness), 1})));
     }},
    {"fetch.next-batch", "A batch wholly before the offset does not come.", "protocol guide, Fetch", "batches at 2",
     [](Witness& witness) {
       return batch_offsets(accepted("Fetch", fetch(witness, {two_batches(witness), 2})));
     }},
    {"fetch.one-batch-at-least", "The first partition with data gives one whole batch, however small the limits are.", "KIP-74",
     "batches at 0",
     [](Witness& witness) {
       return batch_offsets(
           accepted("Fetch", fetch(witness, {two_batches(witness), 0}, {.max_bytes = 1, .partition_max_bytes = 1})));
     }},
    {"fetch.partition-limit", "PartitionMaxBytes limits what comes of one partition.", "protocol guide, Fetch", "batches at 0",
     [](Witness& witness) {
       const auto size = static_cast<std::int32_t>(draft(2).bytes().size());
       return batch_offsets(accepted("Fetch", fetch(witness, {two_batches(witness), 0}, {.partition_max_bytes = size})));
     }},
    {"fetch.order", "Partitions are served in the order of the request, and MaxBytes limits all of them.", "KIP-74",
     "1: records, 0: none",
     [](Witness& witness) {
       auto wanted = two_partitions(witness);
       std::swap(wanted[0], wanted[1]);
       return partitions_of(fetch(witness, wanted[0].place.broker, wanted, {.max_bytes = 1}));
     }},
    {"fetch.at-the-end", "At the end there is nothing, and no error.", "protocol guide, Fetch", "NONE, 0 bytes, high watermark 4",
     [](Witness& witness) {
       const auto answer = sound("Fetch", fetch(witness, {two_batches(witness), 4}));
       return fmt::format("{}, {} bytes, high watermark {}", code(answer.error_code), answer.records ? answer.records->size() : 0,
                          answer.high_watermark);
     }},
    {"fetch.records-not-null", "Where there is nothing, the records have length 0 and are not null.", "protocol guide, Fetch",
     "0 bytes",
     [](Witness& witness) {
       const auto answer = accepted("Fetch", fetch(witness, {witness.place(), 0}));
       return answer.records ? fmt::format("{} bytes", answer.records->size()) : std::string("null");
     }},
    {"fetch.beyond-the-end", "An offset behind the log's end is out of range.", "protocol guide, error codes",
     "OFFSET_OUT_OF_RANGE",
     [](Witness& witness) {
       return code(fetch(witness, {two_batches(witness), 5}));
     }},
    {"fetch.negative-offset", "An offset before the log's start is out of range, be it negative.", "protocol guide, error codes",
     "OFFSET_OUT_OF_RANGE",
     [](Witness& witness) {
       return code(fetch(witness, {two_batches(witness), -1}));
     }},
    {"fetch.deleted", "An offset before the log's start is out of range, be there records once.", "KIP-107",
     "OFFSET_OUT_OF_RANGE",
     [](Witness& witness) {
       const Place place = two_batches(witness);
       accepted("DeleteRecords", delete_records(witness, place, 2));
       return code(fetch(witness, {place, 1}));
     }},
    {"fetch.log-start-offset", "Since version 5 the log start offset is told.", "KIP-107", "2",
     [](Witness& witness) {
       const Place place = two_batches(witness);
       accepted("DeleteRecords", delete_records(witness, place, 2));
       return std::to_string(accepted("Fetch", fetch(witness, {place, 2}, {.versions = {5, 12}})).log_start_offset);
     }},
    {"fetch.read-uncommitted", "Isolation level 0 has no aborted transactions, and reads up to the high watermark.", "KIP-98",
     "batches at 0 2, 0 aborted",
     [](Witness& witness) {
       const auto answer = accepted("Fetch", fetch(witness, {two_batches(witness), 0}));
       const std::size_t aborted = answer.aborted_transactions ? answer.aborted_transactions->size() : 0;
       return fmt::format("{}, {} aborted", batch_offsets(answer), aborted);
     }},
    {"fetch.read-committed", "Isolation level 1 reads up to the last stable offset: without transactions, the high watermark.",
     "KIP-98", "batches at 0 2, last stable offset 4",
     [](Witness& witness) {
       const auto answer = accepted("Fetch", fetch(witness, {two_batches(witness), 0}, {.isolation_level = 1}));
       return fmt::format("{}, last stable offset {}", batch_offsets(answer), answer.last_stable_offset);
     }},
    {"fetch.unknown-topic", "A topic that does not exist is not read.", "protocol guide, error codes",
     "UNKNOWN_TOPIC_OR_PARTITION",
     [](Witness& witness) {
       Place place = witness.untouched();
       place.topic = witness.new_name();
       return code(fetch(witness, {place, 0}));
     }},
    {"fetch.unknown-partition", "A partition that does not exist is not read.", "protocol guide, error codes",
     "UNKNOWN_TOPIC_OR_PARTITION",
     [](Witness& witness) {
       Place place = witness.untouched();
       place.partition = no_such_partition;
       return code(fetch(witness, {place, 0}));
     }},
    {"fetch.not-a-replica", "A broker without the partition refers to its leader.", "protocol guide, error codes",
     "NOT_LEADER_OR_FOLLOWER",
     [](Witness& witness) {
       Place place = witness.untouched();
       place.broker = witness.other_broker(place);
       return code(fetch(witness, {place, 0}));
     }},
    {"fetch.current-epoch", "The right leader epoch is right.", "KIP-320", "NONE",
     [](Witness& witness) { return epoch_answer(witness, 0); }},
    {"fetch.same-history", "Who has read the leader's epoch up to an offset reads on.", "KIP-595", "batches at 2",
     [](Witness& witness) { return divergence(witness, 2, 0); }},
    {"fetch.diverged", "Who has read more of an epoch than there was is told where it ended, and given nothing.", "KIP-595",
     "the same epoch ends at 4, 0 bytes", [](Witness& witness) { return divergence(witness, 9, 0); }},
    {"fetch.diverged-unknown", "Who has read an epoch that the leader has not heard of is out of range.", "KIP-595",
     "OFFSET_OUT_OF_RANGE", [](Witness& witness) { return divergence(witness, 4, 1); }},
    {"fetch.new-epoch", "A leader epoch newer than the leader's is not known to it.", "KIP-320", "UNKNOWN_LEADER_EPOCH",
     [](Witness& witness) { return epoch_answer(witness, 1); }},
};

}  // namespace

std::span<const Question> fetch_reads() { return questions; }

}  // namespace acklab::conform
