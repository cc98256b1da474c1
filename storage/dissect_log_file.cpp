#include "storage/dissect_log_file.h"

#include <algorithm>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "protocol/records/batch_layout.h"
#include "protocol/records/crc32c.h"
#include "protocol/study/byte_cursor.h"
#include "protocol/study/field_reader.h"
#include "protocol/wire/big_endian.h"
#include "storage/segment_files.h"

namespace acklab::storage {

using protocol::begin_part;
using protocol::ByteCursor;
using protocol::FieldReader;
using protocol::Offset;
using protocol::Part;
using protocol::Slice;

namespace {

constexpr std::pair<std::string_view, LogFile> endings[] = {{index_suffix, LogFile::index},
                                                            {time_index_suffix, LogFile::time_index},
                                                            {transaction_index_suffix, LogFile::transaction_index},
                                                            {snapshot_suffix, LogFile::snapshot}};

// Reads the relative offset of an entry, and says which offset that is.
std::string offset(FieldReader& fields, std::optional<Offset> base) {
  const std::int64_t relative = fields.integer("relativeOffset", 4);
  if (!base) return fmt::format("relative offset {}", relative);
  const std::string said = fmt::format("offset {}", protocol::wrapping_sum(base->value, relative));
  fields.note(said);
  return said;
}

std::string index_entry(FieldReader& fields, std::optional<Offset> base) {
  const std::string said = offset(fields, base);
  return fmt::format("{} at {}", said, fields.integer("position", 4));
}

std::string time_index_entry(FieldReader& fields, std::optional<Offset> base) {
  const std::int64_t timestamp = fields.integer("timestamp", 8);
  return fmt::format("timestamp {} at {}", timestamp, offset(fields, base));
}

std::string aborted_transaction(FieldReader& fields, std::optional<Offset> /*base*/) {
  fields.integer("version", 2);
  const std::int64_t producer = fields.integer("producerId", 8);
  const std::int64_t first = fields.integer("firstOffset", 8);
  const std::int64_t last = fields.integer("lastOffset", 8);
  fields.integer("lastStableOffset", 8);
  return fmt::format("producer {}, offsets {} to {}", producer, first, last);
}

std::string producer_state(FieldReader& fields, std::optional<Offset> /*base*/) {
  const std::int64_t producer = fields.integer("producerId", 8);
  const std::int64_t epoch = fields.integer("producerEpoch", 2);
  fields.integer("lastSequence", 4);
  const std::int64_t last = fields.integer("lastOffset", 8);
  fields.integer("offsetDelta", 4);
  fields.integer("timestamp", 8);
  fields.integer("coordinatorEpoch", 4);
  fields.integer("currentTxnFirstOffset", 8);
  return fmt::format("producer {}, epoch {}, last offset {}", producer, epoch, last);
}

using Entry = std::string (*)(FieldReader& fields, std::optional<Offset> base);

struct Layout {
  std::size_t entry_bytes;
  Entry read;
};

Layout layout_of(LogFile kind) {
  switch (kind) {
    case LogFile::index:
      return {8, index_entry};
    case LogFile::time_index:
      return {12, time_index_entry};
    case LogFile::transaction_index:
      return {34, aborted_transaction};
    case LogFile::snapshot:
      break;
  }
  return {46, producer_state};
}

// A snapshot says first what it is and how many producers follow.
struct SnapshotHeader {
  std::vector<Part> parts;
  std::int64_t count = 0;
};

SnapshotHeader snapshot_header(ByteCursor& cursor) {
  SnapshotHeader header;
  std::vector<Part>& parts = header.parts;
  FieldReader fields(cursor, parts);
  fields.integer("version", 2);
  if (cursor.ok()) fields.integer("crc", 4);
  if (cursor.ok()) {
    const auto stored = protocol::load_big_endian<std::uint32_t>(parts.back().bytes.data());
    const std::uint32_t sum = protocol::crc32c(cursor.rest().view());
    parts.back().value = fmt::format("{:08x}", stored);
    fields.note(sum == stored ? "matches" : fmt::format("{}: the bytes have {:08x}", protocol::does_not_match, sum));
  }
  if (cursor.ok()) header.count = fields.integer("count", 4);
  if (header.count < 0) fields.fail("a count below zero");
  return header;
}

// Kafka makes an index as large as it may become, and cuts it when its segment is full; until then it ends in zeros. Where entries end; one
// entry of zeros may be one.
std::size_t end_of_entries(const Slice& bytes, std::size_t entry_bytes) {
  const auto view = bytes.view();
  const auto zeros = std::find_if(view.rbegin(), view.rend(), [](std::byte byte) { return byte != std::byte{0}; });
  const auto used = static_cast<std::size_t>(zeros.base() - view.begin());
  const std::size_t end = (used + entry_bytes - 1) / entry_bytes * entry_bytes;
  return end + entry_bytes < bytes.size() ? end : bytes.size();
}

}  // namespace

std::optional<NamedLogFile> log_file_of_name(std::string_view name) {
  if (name.ends_with(deleted_suffix)) name.remove_suffix(deleted_suffix.size());
  for (const auto& [ending, kind] : endings) {
    if (name.ends_with(ending)) return NamedLogFile{kind, offset_in_name(name, ending)};
  }
  return std::nullopt;
}

void dissect_log_file(const NamedLogFile& file, const Slice& bytes, const std::function<void(Part)>& show) {
  const Layout layout = layout_of(file.kind);
  const std::size_t end = file.kind == LogFile::snapshot ? bytes.size() : end_of_entries(bytes, layout.entry_bytes);
  ByteCursor cursor(bytes.part(0, end));
  std::optional<std::int64_t> announced;  // nothing for indexes, whose entries go to their end
  if (file.kind == LogFile::snapshot) {
    SnapshotHeader header = snapshot_header(cursor);
    announced = header.count;
    for (Part& part : header.parts) show(std::move(part));
  }
  const auto follows = [&](std::int64_t index) { return announced ? index < *announced : cursor.left() > 0; };
  for (std::int64_t index = 0; cursor.ok() && follows(index); ++index) {
    Part entry = begin_part(cursor, fmt::format("entry[{}]", index));
    FieldReader fields(cursor, entry.parts);
    std::string said = layout.read(fields, file.base);
    if (cursor.ok()) entry.value = std::move(said);
    show(std::move(entry));
  }
  if (cursor.ok() && cursor.left() > 0) {
    Part behind = begin_part(cursor, "behind the last entry");
    behind.fault = fmt::format("{} bytes more than were announced", cursor.left());
    behind.bytes = cursor.take(cursor.left());
    show(std::move(behind));
  }
  if (end == bytes.size()) return;
  Part unused = begin_part(ByteCursor(bytes.from(end), end), "room for more");
  unused.bytes = bytes.from(end);
  unused.value = fmt::format("{} bytes of zeros", unused.bytes.size());
  show(std::move(unused));
}

}  // namespace acklab::storage
