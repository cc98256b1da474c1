#include "storage/index_files.h"

#include <fmt/format.h>

namespace acklab::storage {

using protocol::failure;
using protocol::Offset;

namespace {

std::string path_of(const std::string& directory, Offset base, std::string_view suffix) {
  return directory + "/" + file_name(base, suffix);
}

auto malformed(const std::string& path, std::string_view why) {
  return failure(DiskError{DiskFault::malformed, fmt::format("{}: {}", path, why)});
}

// The last `length` bytes of a file that consists of entries of that length; nothing of an empty one.
Result<Slice, DiskError> last_entry(Disk& disk, const std::string& path, std::size_t length) {
  if (!disk.exists(path)) return failure(DiskError{DiskFault::not_found, fmt::format("{}: no such file", path)});
  const auto file = disk.open(path);
  if (!file) return failure(file.error());
  const std::uint64_t size = (*file)->size();
  if (size % length != 0) return malformed(path, fmt::format("{} bytes are no whole number of entries", size));
  return size == 0 ? Slice{} : (*file)->read(size - length, length);
}

}  // namespace

Result<void, DiskError> write_index(Disk& disk, const std::string& directory, Offset base, const SegmentIndex& index,
                                    const TransactionIndex& transactions) {
  const std::string transactions_path = path_of(directory, base, transaction_index_suffix);
  const auto noted = transactions.entries().empty() ? remove_if_there(disk, transactions_path)
                                                    : replace_file(disk, transactions_path, transactions.encode());
  if (!noted) return noted;
  const auto written = replace_file(disk, path_of(directory, base, index_suffix), index.offsets.encode());
  if (!written) return written;
  return replace_file(disk, path_of(directory, base, time_index_suffix), index.times.encode());
}

Result<SegmentIndex, DiskError> read_index(Disk& disk, const std::string& directory, Offset base, std::uint64_t log_size) {
  const std::string offsets_path = path_of(directory, base, index_suffix);
  const auto offset_bytes = read_file(disk, offsets_path);
  if (!offset_bytes) return failure(offset_bytes.error());
  const std::string times_path = path_of(directory, base, time_index_suffix);
  const auto time_bytes = read_file(disk, times_path);
  if (!time_bytes) return failure(time_bytes.error());

  auto offsets = OffsetIndex::decode(base, offset_bytes->view(), log_size);
  if (!offsets) return malformed(offsets_path, offsets.error());
  auto times = TimeIndex::decode(base, time_bytes->view());
  if (!times) return malformed(times_path, times.error());
  SegmentIndex index(base);
  index.offsets = *std::move(offsets);
  index.times = *std::move(times);
  index.largest = index.times.last();
  return index;
}

Result<TimestampOffset, DiskError> glance_at_index(Disk& disk, const std::string& directory, Offset base, Offset end) {
  const auto last_offset = last_entry(disk, path_of(directory, base, index_suffix), OffsetIndex::entry_size);
  if (!last_offset) return failure(last_offset.error());
  const std::string path = path_of(directory, base, time_index_suffix);
  const auto bytes = last_entry(disk, path, TimeIndex::entry_size);
  if (!bytes) return failure(bytes.error());
  const auto last = TimeIndex::decode(base, bytes->view());
  if (!last) return malformed(path, last.error());
  if (last->last().offset >= end) return malformed(path, "the last entry lies behind the end of the segment");
  return last->last();
}

Result<TransactionIndex, DiskError> read_transaction_index(Disk& disk, const std::string& directory, Offset base, Offset end) {
  const std::string path = path_of(directory, base, transaction_index_suffix);
  if (!disk.exists(path)) return TransactionIndex{};
  const auto bytes = read_file(disk, path);
  if (!bytes) return failure(bytes.error());
  auto index = TransactionIndex::decode(base, end, bytes->view());
  if (!index) return malformed(path, index.error());
  return *std::move(index);
}

}  // namespace acklab::storage
