// The controller's log: what it decided, in order, as Kafka keeps it in the topic `__cluster_metadata`. One decision is one
// batch, so a crash leaves all of it or nothing; the batch's leader epoch is the epoch of the controller that wrote it.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "broker/controller/metadata_records.h"
#include "protocol/runtime/time.h"
#include "storage/log.h"

namespace acklab::broker {

class MetadataLog {
 public:
  using Replay = std::function<void(const std::vector<MetadataRecord>& batch)>;

  // Opens or creates the log on this disk and hands over every batch in it, oldest first.
  static protocol::Result<MetadataLog, storage::DiskError> open(storage::Disk& disk, const Replay& replay);

  protocol::Offset end() const { return log_.end(); }

  // Durable when it returns. After a failure nobody knows what is on the disk, and the log must not be used any more.
  protocol::Result<void, storage::DiskError> append(std::span<const MetadataRecord> records, std::int32_t controller_epoch,
                                                    protocol::WallTime now);

  // The records from `from` on: whole batches as far as they fit `max_bytes`, at least one; without the part before `from`.
  protocol::Result<std::vector<MetadataRecord>, storage::DiskError> read(protocol::Offset from, std::size_t max_bytes) const;

 private:
  explicit MetadataLog(storage::Log log) : log_(std::move(log)) {}

  storage::Log log_;
};

}  // namespace acklab::broker
