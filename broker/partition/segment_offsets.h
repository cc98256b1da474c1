// Where a log's segments begin: the answer to ListOffsets 0, from before brokers had an index of timestamps (KIP-33, KIP-79). Who looks
// for a time gets the beginnings of the segments that were written until then, and reads on from there.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "protocol/types.h"
#include "storage/cleaning_plan.h"

namespace acklab::broker {

struct SegmentOffsetsQuestion {
  std::int64_t timestamp = 0;  // or latest_timestamp, or earliest_timestamp
  std::size_t most = 1;        // how many offsets are wanted
  std::int64_t now = 0;
};

struct LogBounds {
  protocol::Offset start{};
  protocol::Offset end{};
};

// Newest first; the log's end is the first of all. The time of a segment is its largest timestamp, where Kafka asks its file system.
std::vector<protocol::Offset> segment_offsets(std::span<const storage::SegmentOutline> segments, const LogBounds& log,
                                              const SegmentOffsetsQuestion& question);

// For a consumer, to whom the log ends at the high watermark.
std::vector<protocol::Offset> below(protocol::Offset high_watermark, std::vector<protocol::Offset> offsets);

}  // namespace acklab::broker
