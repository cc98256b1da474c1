#include "storage/offset_index.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "protocol/wire/big_endian.h"

namespace acklab::storage {

using protocol::failure;
using protocol::load_big_endian;
using protocol::Offset;
using protocol::store_big_endian;

namespace {

// The position of the last entry for which `holds`, which is true up to some entry and for none behind it.
template <class Entries, class Holds>
std::uint64_t last_that(const Entries& entries, Holds holds) {
  const auto end = std::partition_point(entries.begin(), entries.end(), holds);
  return end == entries.begin() ? 0 : static_cast<std::uint64_t>(std::prev(end)->position);
}

}  // namespace

void OffsetIndex::append(Offset last_offset, std::uint64_t position) {
  entries_.push_back({static_cast<std::int32_t>(last_offset - base_), static_cast<std::int32_t>(position)});
}

void OffsetIndex::truncate_to(std::uint64_t position) {
  while (!entries_.empty() && last_position() >= position) entries_.pop_back();
}

std::uint64_t OffsetIndex::position_before(Offset offset) const { return around(offset).begin; }

OffsetIndex::Around OffsetIndex::around(Offset offset) const {
  const auto next = std::partition_point(entries_.begin(), entries_.end(), [relative = offset - base_](const Entry& entry) {
    return entry.relative_offset <= relative;
  });
  Around around;
  if (next != entries_.begin()) around.begin = static_cast<std::uint64_t>(std::prev(next)->position);
  if (next != entries_.end()) around.next = static_cast<std::uint64_t>(next->position);
  return around;
}

std::uint64_t OffsetIndex::position_within(Offset upper, std::uint64_t limit) const {
  return last_that(entries_, [relative = upper - base_, limit](const Entry& entry) {
    return entry.relative_offset < relative && static_cast<std::uint64_t>(entry.position) <= limit;
  });
}

protocol::Slice OffsetIndex::encode() const {
  protocol::MutableBuffer buffer(entries_.size() * entry_size);
  std::byte* to = buffer.span().data();
  for (const Entry& entry : entries_) to = store_big_endian(store_big_endian(to, entry.relative_offset), entry.position);
  return std::move(buffer).freeze();
}

protocol::Result<OffsetIndex, std::string> OffsetIndex::decode(Offset base, std::span<const std::byte> bytes,
                                                               std::uint64_t log_size) {
  if (bytes.size() % entry_size != 0) return failure(fmt::format("{} bytes are no whole number of entries", bytes.size()));
  OffsetIndex index(base);
  index.entries_.reserve(bytes.size() / entry_size);
  for (Entry last{-1, 0}; !bytes.empty(); bytes = bytes.subspan(entry_size)) {
    const Entry entry{load_big_endian<std::int32_t>(bytes.data()), load_big_endian<std::int32_t>(bytes.data() + 4)};
    if (entry.relative_offset <= last.relative_offset || entry.position <= last.position) {
      return failure(fmt::format("entry {} does not lie behind the one before", index.entries_.size()));
    }
    if (static_cast<std::uint64_t>(entry.position) >= log_size) {
      return failure(fmt::format("entry {} lies behind the end of the segment", index.entries_.size()));
    }
    index.entries_.push_back(entry);
    last = entry;
  }
  return index;
}

}  // namespace acklab::storage
