#include "storage/segment_files.h"

#include <fmt/format.h>

#include <charconv>

namespace acklab::storage {

using protocol::failure;
using protocol::Offset;

namespace {

constexpr std::size_t digits = 20;

}  // namespace

std::string file_name(Offset offset, std::string_view suffix) { return fmt::format("{:020}{}", offset.value, suffix); }

std::optional<Offset> offset_in_name(std::string_view name, std::string_view suffix) {
  if (name.size() != digits + suffix.size() || !name.ends_with(suffix)) return std::nullopt;
  Offset offset;
  const auto [end, error] = std::from_chars(name.data(), name.data() + digits, offset.value);
  if (error != std::errc() || end != name.data() + digits || !offset.known()) return std::nullopt;
  return offset;
}

Result<void, DiskError> replace_file(Disk& disk, const std::string& path, const Slice& content) {
  const std::string draft = path + std::string(draft_suffix);
  {
    const auto file = disk.open(draft);
    if (!file) return failure(file.error());
    File& out = **file;
    // A draft that a crash left behind.
    if (out.size() > 0) {
      if (const auto emptied = out.truncate(0); !emptied) return emptied;
    }
    if (const auto written = out.append(content); !written) return written;
    if (const auto flushed = out.flush(); !flushed) return flushed;
  }
  return disk.rename(draft, path);
}

Result<Slice, DiskError> read_file(Disk& disk, const std::string& path) {
  if (!disk.exists(path)) return failure(DiskError{DiskFault::not_found, fmt::format("read {}: no such file", path)});
  const auto file = disk.open(path);
  if (!file) return failure(file.error());
  return (*file)->read(0, static_cast<std::size_t>((*file)->size()));
}

Result<void, DiskError> remove_if_there(Disk& disk, const std::string& path) {
  return disk.exists(path) ? disk.remove(path) : Result<void, DiskError>{};
}

}  // namespace acklab::storage
