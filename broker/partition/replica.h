// One copy of a partition on this broker: its log and how much of it is known to be committed. What happens to it is written into the
// journal here, so that leaders and followers tell it alike. Who leads is not its business (see partition.h).
#pragma once

#include <cstdint>
#include <optional>

#include "broker/partition/waiting.h"
#include "protocol/runtime/runtime.h"
#include "storage/log.h"
#include "storage/log_cleaner.h"

namespace acklab::broker {

// The request that brought a batch: the key by which the journal joins both ends of the wire.
struct BatchOrigin {
  std::uint64_t connection = 0;
  std::int32_t correlation = -1;
};

// What the journal says of a producer's batch, wherever it ends up.
protocol::Entry entry_of(protocol::Event event, const PartitionKey& key, const protocol::BatchHeader& batch,
                         const BatchOrigin& origin);

class Replica {
 public:
  // `high_watermark` is what a checkpoint remembered; no more of it is believed than the log holds.
  Replica(protocol::Runtime& runtime, protocol::TopicPartition name, storage::Log log, protocol::Offset high_watermark);

  const protocol::TopicPartition& name() const { return name_; }
  const PartitionKey& key() const { return key_; }
  const storage::Log& log() const { return log_; }
  protocol::Offset start() const { return log_.start(); }
  protocol::Offset end() const { return log_.end(); }
  protocol::Offset high_watermark() const { return high_watermark_; }
  // For readers of committed data: where undecided transactions begin.
  protocol::Offset last_stable_offset() const { return log_.last_stable_offset(high_watermark_); }
  // The epoch of the last batch; -1 for an empty log.
  protocol::LeaderEpoch latest_epoch() const { return log_.epochs().latest(); }

  // As leader.
  protocol::Result<protocol::Offset, storage::DiskError> append(const protocol::RecordBatch& batch, protocol::LeaderEpoch epoch,
                                                                const BatchOrigin& origin);
  protocol::Result<void, storage::DiskError> begin_epoch(protocol::LeaderEpoch epoch);

  // As follower of `leader` in `epoch`.
  protocol::Result<void, storage::DiskError> replicate(const protocol::RecordBatch& batch, protocol::NodeId leader);
  protocol::Result<void, storage::DiskError> truncate_to(protocol::Offset offset, protocol::LeaderEpoch epoch);
  protocol::Result<void, storage::DiskError> start_again_at(protocol::Offset offset, protocol::LeaderEpoch epoch);

  // Moves the log start up, but not above the high watermark. True if it moved.
  protocol::Result<bool, storage::DiskError> advance_start(protocol::Offset offset);

  // See storage::Log.
  protocol::Result<int, storage::DiskError> delete_old_segments();
  protocol::Result<void, storage::DiskError> remove_deleted_files() { return log_.remove_deleted_files(); }

  // Compaction: whether the log is due for it, and doing it a piece at a time (storage/log_cleaner.h). Nothing above the last stable offset
  // is touched: what is undecided could not be told from what is aborted.
  std::optional<storage::CleaningPlan> cleaning_due(std::optional<protocol::Offset> cleaned_to,
                                                    const storage::CleaningRules& rules) const;
  void begin_cleaning(const storage::CleaningPlan& plan, const storage::CompactionRules& rules, std::size_t dedupe_bytes);
  struct Cleaned {
    storage::LogCleaner::Progress progress{};
    protocol::Offset to{};  // once it is done
  };
  // Abandoned if nothing was begun: the replica may be another one of the same name.
  protocol::Result<Cleaned, storage::DiskError> clean(std::size_t bytes);

  protocol::Result<void, storage::DiskError> flush();
  // When something was last flushed, or the log opened.
  protocol::Time last_flush() const { return last_flush_; }
  protocol::Result<void, storage::DiskError> close();
  void configure(const storage::LogConfig& config) { log_.configure(config); }
  void forget_producers_before(std::int64_t timestamp) { log_.forget_producers_before(timestamp); }

  // True if it moved. A leader only ever raises it; a follower takes what its leader says, as far as its own log goes.
  bool move_high_watermark(protocol::Offset offset, protocol::LeaderEpoch epoch);

 private:
  void note_flush(protocol::Offset flushed_before);
  void note_cleaning();
  void note_start(protocol::Offset start_before, protocol::Cause cause);
  void note_cut(protocol::Offset end_before, protocol::LeaderEpoch epoch);

  protocol::Runtime& runtime_;
  protocol::TopicPartition name_;
  PartitionKey key_;
  storage::Log log_;
  std::optional<storage::LogCleaner> cleaner_;  // of log_, while it is at work: it holds the keys of a whole log
  std::int64_t removed_by_cleaner_ = 0;         // records, as far as the journal was told of them
  protocol::Offset high_watermark_;
  protocol::Time last_flush_;
};

}  // namespace acklab::broker
