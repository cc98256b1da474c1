#include "broker/partition/partition_directory.h"

#include <fmt/format.h>

#include <charconv>

namespace acklab::broker {

using protocol::Result;
using protocol::TopicPartition;
using storage::DiskError;

std::string set_aside(const TopicPartition& partition, std::string_view tag, std::string_view suffix) {
  return fmt::format("{}.{}{}", to_string(partition), tag, suffix);
}

std::optional<TopicPartition> partition_in(std::string_view directory) {
  if (directory.ends_with(deleted_suffix) || directory.ends_with(stray_suffix)) return std::nullopt;
  const std::size_t dash = directory.rfind('-');
  if (dash == std::string_view::npos || dash == 0 || dash + 1 == directory.size()) return std::nullopt;
  TopicPartition partition{std::string(directory.substr(0, dash)), 0};
  const char* const end = directory.data() + directory.size();
  const auto [stop, error] = std::from_chars(directory.data() + dash + 1, end, partition.partition);
  if (error != std::errc() || stop != end || partition.partition < 0) return std::nullopt;
  return partition;
}

Result<void, DiskError> remove_directory(storage::Disk& disk, const std::string& directory) {
  for (const std::string& file : disk.list(directory)) {
    if (auto removed = disk.remove(directory + "/" + file); !removed) return removed;
  }
  return {};
}

}  // namespace acklab::broker
