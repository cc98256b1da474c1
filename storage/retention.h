// Which segments of a log are too old or too many. Pure.
#pragma once

#include <cstdint>
#include <span>

#include "protocol/types.h"

namespace acklab::storage {

struct RetentionLimits {
  std::int64_t milliseconds = -1;  // retention.ms; -1: for ever
  std::int64_t bytes = -1;         // retention.bytes; -1: however much it is
};

// What retention sees of a segment.
struct SegmentFacts {
  protocol::Offset end{};
  std::uint64_t size = 0;
  std::int64_t largest_timestamp = -1;
};

// What it sees of the log.
struct LogFacts {
  protocol::Offset start{};
  protocol::Offset high_watermark{};
  std::int64_t now = -1;  // in milliseconds, as record timestamps are
};

// How many of the oldest segments go, as in Kafka: those that lie below the log start; then those without which the log still has as
// many bytes as it may; then those whose newest record is too old. A segment that reaches above the high watermark stays, and all
// behind it. Even the last one may go, if there is anything in it. A segment none of whose records has a timestamp never gets too
// old; Kafka then goes by the time at which the file was written.
std::size_t segments_to_delete(std::span<const SegmentFacts> segments, const RetentionLimits& limits, const LogFacts& log);

}  // namespace acklab::storage
