// From timestamps to offsets in one segment: Kafka's .timeindex (KIP-33). Pure. An entry says how far one may skip:
//
//   0  timestamp       int64  the largest of all records up to here
//   8  relativeOffset  int32  last offset of the batch that has it, minus the segment's base
//
// Producers' clocks go back and forth; the largest timestamp so far does not. The last entry of a segment that is full names its
// largest timestamp, by which retention judges it.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "protocol/result.h"
#include "protocol/types.h"
#include "protocol/wire/slice.h"

namespace acklab::storage {

// A timestamp and a place where it stands.
struct TimestampOffset {
  std::int64_t timestamp = -1;
  protocol::Offset offset{};

  friend bool operator==(const TimestampOffset&, const TimestampOffset&) = default;
};

class TimeIndex {
 public:
  static constexpr std::size_t entry_size = 12;

  explicit TimeIndex(protocol::Offset base) : base_(base) {}

  // Only if the timestamp is larger than the last one.
  void maybe_append(const TimestampOffset& largest);
  // Forgets what lies at `end` or behind it.
  void truncate_to(protocol::Offset end);

  // -1 at the segment's base without an entry.
  TimestampOffset last() const;
  // Before the batch that has this offset there is no record with that timestamp or a larger one.
  protocol::Offset offset_before(std::int64_t timestamp) const;
  std::size_t entries() const { return entries_.size(); }

  protocol::Slice encode() const;
  // The error says why this cannot be a time index.
  static protocol::Result<TimeIndex, std::string> decode(protocol::Offset base, std::span<const std::byte> bytes);

 private:
  struct Entry {
    std::int64_t timestamp = -1;
    std::int32_t relative_offset = 0;
  };
  TimestampOffset at(const Entry& entry) const { return {entry.timestamp, base_ + entry.relative_offset}; }

  protocol::Offset base_;
  std::vector<Entry> entries_;  // both fields grow strictly
};

}  // namespace acklab::storage
