// The root of a broker's disk: what is remembered of all its logs from one life to the next. Four text checkpoints (checkpoint.h) and
// a mark, and no harm comes from any of them being lost or old:
//
//   replication-offset-checkpoint      high watermarks; without one it is learnt again
//   recovery-point-offset-checkpoint   up to where logs are durable; without one all of a log is walked
//   log-start-offset-checkpoint        log starts that lie above the first segment's base; without one deleted records come back
//   .kafka_cleanshutdown               all logs were closed; without it their ends are walked
//
// The mark is taken away as soon as it has been read: should this life end with a crash, nobody must find it.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "protocol/types.h"
#include "storage/checkpoint.h"
#include "storage/log.h"

namespace acklab::storage {

class RootFiles {
 public:
  // `disk` outlives it.
  explicit RootFiles(Disk& disk);

  // For opening a log. One that was closed is clean once only: what happens to it from here on is not known when it is asked for
  // again.
  LogCheckpoints take_checkpoints(const protocol::TopicPartition& log);
  Offset high_watermark(const protocol::TopicPartition& log) const;

  // How a log stands now. Logs that are not heard of keep the place that the last life knew.
  void remember(const protocol::TopicPartition& name, const Log& log, Offset high_watermark);
  // The log is gone for good.
  void forget(const protocol::TopicPartition& log);

  Result<void, DiskError> write_high_watermarks();
  // Both only if something has changed.
  Result<void, DiskError> write_recovery_points();
  Result<void, DiskError> write_log_starts();
  // All logs that were remembered in this life have been closed: its last thing. Of others nothing is claimed.
  Result<void, DiskError> mark_clean(protocol::BrokerEpoch epoch);

  // Lines for people: which file made no sense.
  const std::vector<std::string>& remarks() const { return remarks_; }

 private:
  // A checkpoint as it is on the disk, and as it should be.
  struct Checkpoint {
    const char* path;
    PartitionOffsets offsets{};
    PartitionOffsets written{};
  };
  void read(Checkpoint& checkpoint);
  Result<void, DiskError> write(Checkpoint& checkpoint);

  Disk& disk_;
  Checkpoint high_watermarks_{replication_offset_checkpoint};
  Checkpoint recovery_points_{recovery_point_checkpoint};
  Checkpoint log_starts_{log_start_offset_checkpoint};
  std::set<protocol::TopicPartition> remembered_;  // in this life
  PartitionOffsets clean_;                         // logs that were closed and not asked for yet, with their ends
  std::vector<std::string> remarks_;
};

}  // namespace acklab::storage
