// The log of one replica: batches in segments, and what is derived from the batches: leader epochs (where two logs diverge) and
// producer states (which batches are duplicates, and which transactions are open or were aborted). Real bytes on a Disk, in Kafka's files
// (FORMAT.md).
//
// All segments but the last are durable, with their indexes and a snapshot of the producer states, before the next one begins. So what
// a crash leaves in doubt is the last segment, and only that is walked when the log is opened again.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "protocol/records/record_batch.h"
#include "protocol/result.h"
#include "protocol/types.h"
#include "storage/cleaning_plan.h"
#include "storage/disk.h"
#include "storage/leader_epochs.h"
#include "storage/producer_states.h"
#include "storage/retention.h"
#include "storage/segment.h"
#include "storage/segment_draft.h"
#include "storage/transaction_index.h"

namespace acklab::storage {

using protocol::ErrorCode;
using protocol::LeaderEpoch;
using protocol::Offset;
using protocol::RecordBatch;

struct LogConfig {
  std::uint64_t segment_bytes = 1u << 30;         // segment.bytes
  std::int64_t segment_ms = INT64_MAX;            // segment.ms, counted in record timestamps
  std::int64_t segment_jitter_ms = 0;             // segment.jitter.ms: of each segment, up to so much is taken off segment_ms
  std::uint64_t jitter_seed = 0;                  // of what is drawn for that
  std::uint64_t segment_index_bytes = 10u << 20;  // segment.index.bytes
  std::uint32_t index_interval_bytes = 4096;      // index.interval.bytes
  std::int64_t flush_messages = INT64_MAX;        // flush.messages: flush after this many records
  RetentionLimits retention{};
};

// How the log was left. Unclean: a process died with it.
enum class Shutdown { clean, unclean };

// What a broker remembers of one of its logs (its checkpoints, and the mark of a clean shutdown). By default nothing: then all of the
// log is walked.
struct LogCheckpoints {
  Offset start{0};           // log start offset; matters where it lies above the first segment's base
  Offset recovery_point{0};  // the log is durable up to here
  Shutdown shutdown = Shutdown::unclean;
};

// What opening a log found and mended.
struct LogRecovery {
  std::uint64_t bytes_cut = 0;
  int segments_walked = 0;
  int segments_dropped = 0;
  int indexes_rebuilt = 0;           // of segments that need not have been walked
  std::vector<std::string> remarks;  // lines for people: which file made no sense, and what was done about it
};
// One line. Empty if there is nothing to tell: no segment was walked and nothing was wrong.
std::string to_string(const LogRecovery& recovery);

class Log {
 public:
  // Opens or creates the log in `directory`. Recovers: from the segment with the recovery point on it walks the batches (length,
  // checksum), cuts the torn tail at the last whole batch, and rebuilds indexes, leader epochs and producer states. Segments before
  // that are believed, with their indexes and snapshots; an index, snapshot or epoch file that is missing or makes no sense is made
  // again from the batches.
  static Result<Log, DiskError> open(Disk& disk, std::string directory, const LogConfig& config,
                                     const LogCheckpoints& checkpoints = {});

  Log(Log&&) noexcept;
  Log& operator=(Log&&) noexcept;
  ~Log();

  // For what is written from now on.
  void configure(const LogConfig& config);
  const LogConfig& config() const;

  Offset start() const;        // log start offset: nothing before it is read any more
  Offset end() const;          // log end offset: the next offset to be written
  std::uint64_t size() const;  // bytes of batches
  const LogRecovery& recovery() const;
  Offset flushed_end() const;  // durable up to here

  // As leader: gives the batch its offsets and the epoch. The caller has validated it and asked producer_states().
  Result<Offset, DiskError> append(const RecordBatch& batch, LeaderEpoch epoch);
  // As follower: batches as the leader numbered them. Those that do not continue the log are our bug.
  Result<void, DiskError> append_replicated(const RecordBatch& batch);

  // Whole batches from the one that contains `from`, below `upper`, at most `max_bytes`; at least one batch, however large, if
  // `at_least_one`. Needs start() <= from <= end().
  Result<LogRead, DiskError> read(Offset from, Offset upper, std::size_t max_bytes, bool at_least_one) const;

  // The first record with timestamp >= `timestamp`, below `upper`: its offset and timestamp, or nothing.
  using Found = FoundRecord;
  Result<std::optional<Found>, DiskError> find_time(std::int64_t timestamp, Offset upper) const;

  // For readers of committed data (read_committed). Of what is committed up to `high_watermark` they may not read more than this: behind
  // it transactions are undecided (open_transactions.h).
  Offset last_stable_offset(Offset high_watermark) const;
  // Those of which something may lie from `from` on and below `upper`, in the order of their markers.
  std::vector<AbortedTransaction> aborted_transactions(Offset from, Offset upper) const;
  // Markers below it cannot be lost any more, and need not be remembered.
  void high_watermark_moved(Offset high_watermark);

  // The largest timestamp of all batches; -1 if none has one.
  std::int64_t max_timestamp() const;
  // Where the segment begins in which `offset` lies, or will.
  Offset segment_base(Offset offset) const;

  // Moves the log start up (DeleteRecords, or because the leader did); no further down than it is. Needs offset <= end(). Batches
  // stay on the disk until their whole segment lies below. Of the new start only the epochs are written here: who owns the log
  // checkpoints it, and after a crash before that it is where it was.
  Result<void, DiskError> advance_start(Offset offset);

  // Drops everything from `offset` on: batches, epochs, producer states. A batch that contains `offset` goes as a whole.
  Result<void, DiskError> truncate_to(Offset offset);
  // Drops everything and starts again at `offset` (a follower that fell behind the leader's log start).
  Result<void, DiskError> reset_to(Offset offset);
  Result<void, DiskError> flush();
  // For an end in good order: makes everything durable, with indexes and producer states, so that the next open() need not walk.
  Result<void, DiskError> close();

  // Retention: drops whole segments from the start on (see segments_to_delete()), and the log start follows. How many went. Their files
  // are renamed, ".deleted", and still take room until remove_deleted_files(): whoever reads one of them may finish.
  Result<int, DiskError> delete_old_segments(Offset high_watermark, std::int64_t now);
  Result<void, DiskError> remove_deleted_files();

  // For compaction (log_cleaner.h), and for clients that ask for segments. All of them; the last one is active.
  Result<std::vector<SegmentOutline>, DiskError> segment_outlines() const;
  // Changes whenever a segment before the active one goes or becomes another.
  std::uint64_t sealed_version() const;
  // As read(), also of what lies below the log start and is still on the disk.
  Result<LogRead, DiskError> read_stored(Offset from, Offset upper, std::size_t max_bytes) const;
  // A segment that is to replace the one with this base, and perhaps some that follow it.
  Result<SegmentDraft, DiskError> begin_segment(Offset base) const;
  // Puts a draft that is finished in the place of `count` segments from the first-th on, none of them active. A crash leaves the old
  // ones or the new one.
  Result<void, DiskError> replace_segments(std::size_t first, std::size_t count, const SegmentDraft& draft);

  // See ProducerStates::forget_before(). A log that is opened or cut learns of them again from its batches.
  void forget_producers_before(std::int64_t timestamp);

  // On becoming leader: notes that `epoch` begins at the log end. Durable when it returns, because no batch tells of it yet.
  Result<void, DiskError> assign_epoch(LeaderEpoch epoch);

  // After an append, truncation or flush that failed, what the file holds behind the last good batch is not known. The log can still
  // be read, but refuses every change; opening it again recovers it.
  bool failed() const;

  const LeaderEpochs& epochs() const;
  const ProducerStates& producer_states() const;

 private:
  struct State;
  explicit Log(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace acklab::storage
