// What the directories of partitions are called. As in Kafka:
//
//   orders-0                                  a replica
//   orders-0.<topic id>-delete                of a topic that was deleted; its files go after file.delete.delay.ms
//   orders-0.<broker epoch>-stray             found at the start, and not a replica of this broker any more: the topic was deleted
//                                             meanwhile. Kept, because nobody else may have these records; an operator removes it
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "protocol/result.h"
#include "protocol/types.h"
#include "storage/disk.h"

namespace acklab::broker {

inline constexpr std::string_view deleted_suffix = "-delete";
inline constexpr std::string_view stray_suffix = "-stray";

std::string set_aside(const protocol::TopicPartition& partition, std::string_view tag, std::string_view suffix);

// Nothing if the name is not that of a replica.
std::optional<protocol::TopicPartition> partition_in(std::string_view directory);

// All files of a directory, and so the directory.
protocol::Result<void, storage::DiskError> remove_directory(storage::Disk& disk, const std::string& directory);

}  // namespace acklab::broker
