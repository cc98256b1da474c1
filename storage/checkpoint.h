// Kafka's text checkpoints: a version, a count, and a line for each entry.
//
//   leader-epoch-checkpoint     replication-offset-checkpoint
//     0                           0
//     2                           1
//     0 0                         orders 0 1500          topic, partition, high watermark
//     3 1500                                             epoch, start offset
//
// A checkpoint is written beside the old one, flushed and renamed over it, so that a crash leaves the old or the new one whole.
// A file that does not read as such is DiskFault::malformed: it was not a crash that made it.
#pragma once

#include <map>
#include <span>
#include <string>
#include <vector>

#include "protocol/types.h"
#include "storage/disk.h"
#include "storage/leader_epochs.h"

namespace acklab::storage {

inline constexpr const char* leader_epoch_checkpoint = "leader-epoch-checkpoint";              // one for each log
inline constexpr const char* replication_offset_checkpoint = "replication-offset-checkpoint";  // high watermarks; this and the
inline constexpr const char* log_start_offset_checkpoint = "log-start-offset-checkpoint";      // next two: one for each broker
inline constexpr const char* recovery_point_checkpoint = "recovery-point-offset-checkpoint";
inline constexpr const char* cleaner_offset_checkpoint = "cleaner-offset-checkpoint";  // how far each log is compacted

Result<void, DiskError> write_leader_epochs(Disk& disk, const std::string& path, std::span<const EpochStart> entries);
// Nothing if there is no such file; in both.
Result<std::vector<EpochStart>, DiskError> read_leader_epochs(Disk& disk, const std::string& path);

using PartitionOffsets = std::map<protocol::TopicPartition, protocol::Offset>;

Result<void, DiskError> write_offsets(Disk& disk, const std::string& path, const PartitionOffsets& offsets);
Result<PartitionOffsets, DiskError> read_offsets(Disk& disk, const std::string& path);

}  // namespace acklab::storage
