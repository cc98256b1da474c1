// Both indexes of a segment, the rule by which they grow, and what they cost: an entry every index.interval.bytes. Pure.
#pragma once

#include <cstdint>

#include "protocol/records/record_batch.h"
#include "storage/offset_index.h"
#include "storage/time_index.h"

namespace acklab::storage {

struct SegmentIndex {
  explicit SegmentIndex(protocol::Offset base) : offsets(base), times(base) {}

  OffsetIndex offsets;
  TimeIndex times;
  TimestampOffset largest;  // of all batches

  // Takes in the next batch, which begins at `position`. It gets an entry if more than `interval` bytes lie between it and the last
  // batch that has one.
  void note(const protocol::BatchHeader& header, std::uint64_t position, std::uint64_t interval) {
    if (header.max_timestamp > largest.timestamp) largest = {header.max_timestamp, header.last_offset()};
    if (position - offsets.last_position() <= interval) return;
    offsets.append(header.last_offset(), position);
    times.maybe_append(largest);
  }

  // The segment is full, or closed: its largest timestamp shall be the last entry.
  void seal() { times.maybe_append(largest); }

  // Forgets all from there on, and what it knows of batches behind the last entry: note() those again, from last_position() on.
  void truncate_to(protocol::Offset end, std::uint64_t position) {
    offsets.truncate_to(position);
    times.truncate_to(end);
    largest = times.last();
  }

  // Where to begin the search for the first record with that timestamp or a larger one.
  std::uint64_t position_before(std::int64_t timestamp) const { return offsets.position_before(times.offset_before(timestamp)); }
};

}  // namespace acklab::storage
