#include "storage/checkpoint.h"

#include <fmt/format.h>

#include <charconv>
#include <concepts>
#include <optional>
#include <string_view>

#include "storage/segment_files.h"

namespace acklab::storage {

using protocol::failure;

namespace {

constexpr int version = 0;

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  while (!text.empty()) {
    const std::size_t end = text.find(separator);
    parts.push_back(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  return parts;
}

template <std::integral T>
bool parse(std::string_view text, T& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size();
}

Result<void, DiskError> write(Disk& disk, const std::string& path, std::size_t count, std::string_view lines) {
  return replace_file(disk, path, Slice::copy_of(fmt::format("{}\n{}\n{}", version, count, lines)));
}

// Hands each entry's fields to `take`, which says whether they make sense.
template <class Take>
Result<void, DiskError> read(Disk& disk, const std::string& path, Take take) {
  if (!disk.exists(path)) return {};
  const auto text = read_file(disk, path);
  if (!text) return failure(text.error());

  const auto malformed = [&](std::string_view what) {
    return failure(DiskError{DiskFault::malformed, fmt::format("{}: {}", path, what)});
  };
  const std::vector<std::string_view> lines = split(text->text(), '\n');
  int found_version = -1;
  std::size_t count = 0;
  if (lines.size() < 2 || !parse(lines[0], found_version) || !parse(lines[1], count)) return malformed("no version and count");
  if (found_version != version) return malformed(fmt::format("version {} is not {}", found_version, version));
  if (lines.size() - 2 != count) return malformed(fmt::format("{} entries where {} were announced", lines.size() - 2, count));
  for (std::size_t line = 2; line < lines.size(); ++line) {
    if (!take(split(lines[line], ' '))) return malformed(fmt::format("line {} is no entry: {}", line + 1, lines[line]));
  }
  return {};
}

}  // namespace

Result<void, DiskError> write_leader_epochs(Disk& disk, const std::string& path, std::span<const EpochStart> entries) {
  std::string lines;
  for (const EpochStart& entry : entries) lines += fmt::format("{} {}\n", entry.epoch.value, entry.start.value);
  return write(disk, path, entries.size(), lines);
}

Result<std::vector<EpochStart>, DiskError> read_leader_epochs(Disk& disk, const std::string& path) {
  std::vector<EpochStart> entries;
  const auto done = read(disk, path, [&](const std::vector<std::string_view>& fields) {
    EpochStart& entry = entries.emplace_back();
    return fields.size() == 2 && parse(fields[0], entry.epoch.value) && parse(fields[1], entry.start.value);
  });
  if (!done) return failure(done.error());
  return entries;
}

Result<void, DiskError> write_offsets(Disk& disk, const std::string& path, const PartitionOffsets& offsets) {
  std::string lines;
  for (const auto& [partition, offset] : offsets) {
    lines += fmt::format("{} {} {}\n", partition.topic, partition.partition, offset.value);
  }
  return write(disk, path, offsets.size(), lines);
}

Result<PartitionOffsets, DiskError> read_offsets(Disk& disk, const std::string& path) {
  PartitionOffsets offsets;
  const auto done = read(disk, path, [&](const std::vector<std::string_view>& fields) {
    protocol::TopicPartition partition;
    protocol::Offset offset;
    if (fields.size() != 3 || !parse(fields[1], partition.partition) || !parse(fields[2], offset.value)) return false;
    partition.topic = std::string(fields[0]);
    return offsets.emplace(std::move(partition), offset).second;
  });
  if (!done) return failure(done.error());
  return offsets;
}

}  // namespace acklab::storage
