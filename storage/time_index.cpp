#include "storage/time_index.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "protocol/wire/big_endian.h"

namespace acklab::storage {

using protocol::failure;
using protocol::load_big_endian;
using protocol::Offset;
using protocol::store_big_endian;

void TimeIndex::maybe_append(const TimestampOffset& largest) {
  if (largest.timestamp <= last().timestamp) return;
  entries_.push_back({largest.timestamp, static_cast<std::int32_t>(largest.offset - base_)});
}

void TimeIndex::truncate_to(Offset end) {
  while (!entries_.empty() && last().offset >= end) entries_.pop_back();
}

TimestampOffset TimeIndex::last() const { return entries_.empty() ? TimestampOffset{-1, base_} : at(entries_.back()); }

Offset TimeIndex::offset_before(std::int64_t timestamp) const {
  const auto above =
      std::partition_point(entries_.begin(), entries_.end(), [&](const Entry& entry) { return entry.timestamp <= timestamp; });
  return above == entries_.begin() ? base_ : at(*std::prev(above)).offset;
}

protocol::Slice TimeIndex::encode() const {
  protocol::MutableBuffer buffer(entries_.size() * entry_size);
  std::byte* to = buffer.span().data();
  for (const Entry& entry : entries_) to = store_big_endian(store_big_endian(to, entry.timestamp), entry.relative_offset);
  return std::move(buffer).freeze();
}

protocol::Result<TimeIndex, std::string> TimeIndex::decode(Offset base, std::span<const std::byte> bytes) {
  if (bytes.size() % entry_size != 0) return failure(fmt::format("{} bytes are no whole number of entries", bytes.size()));
  TimeIndex index(base);
  index.entries_.reserve(bytes.size() / entry_size);
  for (Entry last{-1, -1}; !bytes.empty(); bytes = bytes.subspan(entry_size)) {
    const Entry entry{load_big_endian<std::int64_t>(bytes.data()), load_big_endian<std::int32_t>(bytes.data() + 8)};
    if (entry.timestamp <= last.timestamp || entry.relative_offset <= last.relative_offset) {
      return failure(fmt::format("entry {} does not lie behind the one before", index.entries_.size()));
    }
    index.entries_.push_back(entry);
    last = entry;
  }
  return index;
}

}  // namespace acklab::storage
