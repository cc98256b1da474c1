// What a log consists of, for the files that implement it: log.cpp (reading and writing), log_recovery.cpp (opening) and
// log_retention.cpp (deleting at its start).
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "storage/log.h"

namespace acklab::storage {

// What the batches of segments told while they were walked, so that they are not read a second time.
struct WalkedBatches {
  // By the segment's base. A batch of the same epoch as the one before adds nothing.
  std::map<Offset, std::vector<EpochStart>> epochs;
  // Producer states from a snapshot, or from the log's first batch on, up to the end of the last segment that was walked. A segment is
  // not walked without them: they tell which transaction a marker in it has aborted.
  std::optional<Offset> producers_from;
  Offset producers_end{};
  ProducerStates producers;
};

// Whether a segment is known to be durable and whole.
enum class Trust { known_whole, in_doubt };

struct Log::State {
  State(Disk& disk_in, std::string directory_in, const LogConfig& config_in)
      : disk(disk_in), directory(std::move(directory_in)), config(config_in) {}

  Disk& disk;  // outlives the log
  std::string directory;
  LogConfig config;
  std::vector<Segment> segments;  // in order; never empty once open; all but the last are durable with their indexes
  LeaderEpochs epochs;
  ProducerStates producers;
  std::set<Offset> snapshots;  // of producer states: those that are on the disk
  std::set<Offset> deleted;    // bases of segments whose files have been renamed and still take room
  Offset log_start{0};
  Offset flushed_end{};
  LogRecovery recovery;
  WalkedBatches walked;  // while the log is being opened
  bool failed = false;
  std::uint64_t sealed_version = 0;  // see Log::sealed_version()

  Segment& active() { return segments.back(); }
  Offset end() const { return segments.back().end(); }
  std::string path_of(Offset offset, std::string_view suffix) const { return directory + "/" + file_name(offset, suffix); }

  // A change that failed half-way: see Log::failed().
  auto fail(const DiskError& error) {
    failed = true;
    return protocol::failure(error);
  }
  Result<void, DiskError> changeable() const;

  // log_recovery.cpp
  Result<void, DiskError> recover(const LogCheckpoints& checkpoints);
  // The bases of the segments that are there. What belongs to none, or was being written or removed, goes.
  Result<std::vector<Offset>, DiskError> take_stock();
  // A crash left a segment that is to replace others.
  Result<void, DiskError> complete_swaps();
  // From where on the batches were walked.
  Result<Offset, DiskError> recover_segments(const std::vector<Offset>& bases, const LogCheckpoints& checkpoints);
  // The next one; trusted if it need not be walked.
  Result<void, DiskError> recover_segment(Offset base, std::optional<Offset> next, Trust trust);
  // Walks it.
  Result<Segment, DiskError> walk_segment(Offset base);
  // Sees to it that walked.producers are those before the segment with this base, the next one.
  Result<void, DiskError> learn_producers_before(Offset base);
  Result<void, DiskError> drop_segment(Offset base);
  Result<void, DiskError> recover_epochs(Offset told_from);
  // What the batches from `from` on tell of epochs.
  Result<void, DiskError> hear_epochs(LeaderEpochs& told, Offset from) const;
  // The snapshot with this offset. One that tells nothing that can be used goes; why is a remark.
  Result<std::optional<ProducerStates>, DiskError> read_snapshot(Offset offset);
  // The newest one at `offset` or before it. Where there is none, producers are nobody at the log's first offset.
  struct Snapshot {
    Offset offset{};
    ProducerStates producers;
  };
  Result<Snapshot, DiskError> newest_snapshot(Offset offset);
  // What the batches from there on tell.
  Result<void, DiskError> replay(Offset from, ProducerStates& states) const;
  // The newest snapshot at the log end or before it, and what the batches behind it tell.
  Result<void, DiskError> load_producers();

  // log_retention.cpp
  Result<void, DiskError> trim_epochs();  // to the log start

  // log.cpp
  Result<bool, DiskError> must_roll(const protocol::BatchHeader& header);
  Result<void, DiskError> roll(Offset base);
  Result<void, DiskError> add_segment(Offset base);
  Result<void, DiskError> append(const Bytes& bytes, const protocol::BatchHeader& header,
                                 const std::optional<protocol::EndTransactionMarker>& marker);
  Result<void, DiskError> flush();
  Result<void, DiskError> write_epochs();
  // As of `offset`, behind which there is no batch yet.
  Result<void, DiskError> take_snapshot(Offset offset);
  Result<void, DiskError> remove_snapshot(Offset offset);
  Result<void, DiskError> remove_snapshots_behind(Offset offset);
  // All files of a segment but its snapshot.
  Result<void, DiskError> remove_segment_files(Offset base);
  // The last segment goes.
  Result<void, DiskError> remove_segment();
  std::size_t segment_with(Offset offset) const;
  Result<LogRead, DiskError> read(Offset from, Offset upper, std::size_t max_bytes, bool at_least_one) const;

  // log_compaction.cpp: the draft with this base gets its name.
  Result<void, DiskError> complete_swap(Offset base);
};

}  // namespace acklab::storage
