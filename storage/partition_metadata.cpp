#include "storage/partition_metadata.h"

#include <fmt/format.h>

#include <string_view>

#include "storage/segment_files.h"

namespace acklab::storage {

using protocol::failure;

namespace {

constexpr std::string_view before_id = "version: 0\ntopic_id: ";

}  // namespace

Result<void, DiskError> write_topic_id(Disk& disk, const std::string& directory, const protocol::Uuid& topic) {
  const std::string text = fmt::format("{}{}\n", before_id, to_string(topic));
  return replace_file(disk, directory + "/" + partition_metadata_file, Slice::copy_of(text));
}

Result<std::string, DiskError> read_topic_id(Disk& disk, const std::string& directory) {
  const std::string path = directory + "/" + partition_metadata_file;
  const auto text = read_file(disk, path);
  if (!text) return failure(text.error());
  std::string_view id = text->text();
  if (!id.starts_with(before_id)) return failure(DiskError{DiskFault::malformed, path + ": no topic id of version 0"});
  id.remove_prefix(before_id.size());
  return std::string(id.substr(0, id.find('\n')));
}

}  // namespace acklab::storage
