// From offsets to positions in one segment: Kafka's .index. Pure. An entry for each place to begin a walk at:
//
//   0  relativeOffset  int32  last offset of a batch, minus the segment's base
//   4  position        int32  where that batch begins in the .log
//
// Sparse, because from an entry on the way goes from batch header to batch header. It names *last* offsets, so that an entry is known
// to lie before whatever has a larger one, gaps or not.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "protocol/result.h"
#include "protocol/types.h"
#include "protocol/wire/slice.h"

namespace acklab::storage {

class OffsetIndex {
 public:
  static constexpr std::size_t entry_size = 8;

  explicit OffsetIndex(protocol::Offset base) : base_(base) {}

  // Batches in the order in which they lie in the segment.
  void append(protocol::Offset last_offset, std::uint64_t position);
  // Forgets the batches that begin at `position` or behind it.
  void truncate_to(std::uint64_t position);

  // Where to begin the walk to the batch that contains `offset`, or follows it. 0 without an entry.
  std::uint64_t position_before(protocol::Offset offset) const;
  // The same, and where the next entry begins: the batch lies there or in between.
  struct Around {
    std::uint64_t begin = 0;
    std::optional<std::uint64_t> next;
  };
  Around around(protocol::Offset offset) const;
  // The last indexed position that is not behind `limit` and whose batch does not go beyond `upper`. 0 without one.
  std::uint64_t position_within(protocol::Offset upper, std::uint64_t limit) const;
  std::uint64_t last_position() const { return entries_.empty() ? 0 : static_cast<std::uint64_t>(entries_.back().position); }
  std::size_t entries() const { return entries_.size(); }

  protocol::Slice encode() const;
  // The error says why this cannot be the index of a .log of that size.
  static protocol::Result<OffsetIndex, std::string> decode(protocol::Offset base, std::span<const std::byte> bytes,
                                                           std::uint64_t log_size);

 private:
  struct Entry {
    std::int32_t relative_offset = 0;
    std::int32_t position = 0;
  };

  protocol::Offset base_;
  std::vector<Entry> entries_;  // both fields grow strictly
};

}  // namespace acklab::storage
