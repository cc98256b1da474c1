// What compaction makes of a log (cleanup.policy=compact): of all records with one key the latest stays. Pure: offsets and batches in,
// batches out; the shell that reads and swaps segments is log_cleaner.h.
//
//   before   0 a=1   1 b=1   2 a=2   3 b=null
//   after            2 a=2   3 b=null            offsets stay, so there are gaps
//   later            2 a=2                       a tombstone (a null value) goes delete.retention.ms after it was first seen here
//
// A tombstone has to stay for a while, because a reader that began before it may have seen what it deletes. When it is first met, the time
// at which it may go, its delete horizon, is written into its batch: as baseTimestamp, with bit 6 of the attributes set (KIP-534). The marker
// of a transaction waits in the same way once nothing is left of it.
//
// A batch that loses all its records goes, unless it is the last of its producer: its header stays then, without records, since
// duplicates are told by it, or epochs if it is a marker. Records without a key cannot be compacted and go; a compacted topic does not accept them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "protocol/records/record_batch.h"
#include "protocol/result.h"
#include "storage/cleaned_transactions.h"
#include "storage/producer_states.h"

namespace acklab::storage {

// The latest offset of each key that was noted, in the part of the log that was not compacted before.
class LatestOffsets {
 public:
  // `most_bytes`: what the keys and their places may take (log.cleaner.dedupe.buffer.size).
  explicit LatestOffsets(std::size_t most_bytes) : most_bytes_(most_bytes) {}

  // Notes the records of a batch, in the order of the log. False if there is no room for them: what was noted before still holds, and
  // the batch and all behind it must wait for the next time. The first batch always has room.
  protocol::Result<bool, protocol::DecodeError> note(const protocol::RecordBatch& batch);
  // The next batch has nothing to note: what is in it does not count.
  void pass(const protocol::RecordBatch& batch) { end_ = batch.header().next_offset(); }

  // Whether a later record with that key was noted.
  bool has_later(std::string_view key, protocol::Offset than) const;
  // Behind the last batch that was noted.
  protocol::Offset end() const { return end_; }
  bool empty() const { return latest_.empty(); }

 private:
  std::size_t most_bytes_;
  std::size_t bytes_ = 0;
  protocol::Offset end_{};
  std::map<std::string, protocol::Offset, std::less<>> latest_;
};

struct CompactionRules {
  std::int64_t now = 0;                  // wall time, milliseconds
  std::int64_t delete_retention_ms = 0;  // delete.retention.ms
};

// Records that a compaction has looked at, and those that stay.
struct CompactionCounts {
  std::int64_t read = 0;
  std::int64_t kept = 0;
};

// The batch as it is afterwards: the same bytes if nothing goes, others, or nothing at all. `producers` is what the whole log says of
// them.
protocol::Result<std::optional<protocol::Slice>, protocol::DecodeError> compacted(
    const protocol::RecordBatch& batch, const LatestOffsets& latest, const ProducerStates& producers,
    const CompactionRules& rules, CompactionCounts& counts,
    CleanedTransactions::Meaning meaning = CleanedTransactions::Meaning::plain);

}  // namespace acklab::storage
