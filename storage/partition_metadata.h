// Which topic a partition's directory belongs to: Kafka's partition.metadata (KIP-516). Names come back, ids do not: a topic that was
// deleted and created again while this broker was away has nothing to do with the batches that lie here.
//
//   version: 0
//   topic_id: RzlLGSTBSjOUoKVnJBKTDQ
#pragma once

#include <string>

#include "protocol/types.h"
#include "storage/disk.h"

namespace acklab::storage {

inline constexpr const char* partition_metadata_file = "partition.metadata";

Result<void, DiskError> write_topic_id(Disk& disk, const std::string& directory, const protocol::Uuid& topic);
// The id as it is written. DiskFault::not_found, or malformed.
Result<std::string, DiskError> read_topic_id(Disk& disk, const std::string& directory);

}  // namespace acklab::storage
