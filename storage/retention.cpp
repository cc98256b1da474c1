#include "storage/retention.h"

namespace acklab::storage {

std::size_t segments_to_delete(std::span<const SegmentFacts> segments, const RetentionLimits& limits, const LogFacts& log) {
  std::size_t count = 0;
  // Goes on from where it stands, as long as `too_much` says so.
  const auto drop_while = [&](auto too_much) {
    for (; count < segments.size(); ++count) {
      const SegmentFacts& segment = segments[count];
      const bool last = count + 1 == segments.size();
      if (last && segment.size == 0) return;
      if (log.high_watermark < segment.end || !too_much(segment, last)) return;
    }
  };

  drop_while([&](const SegmentFacts& segment, bool last) { return !last && segment.end <= log.start; });
  if (limits.bytes >= 0) {
    std::uint64_t left = 0;
    for (const SegmentFacts& segment : segments.subspan(count)) left += segment.size;
    drop_while([&](const SegmentFacts& segment, bool) {
      if (left < static_cast<std::uint64_t>(limits.bytes) + segment.size) return false;
      left -= segment.size;
      return true;
    });
  }
  if (limits.milliseconds >= 0) {
    drop_while([&](const SegmentFacts& segment, bool) {
      return segment.largest_timestamp >= 0 && log.now - segment.largest_timestamp > limits.milliseconds;
    });
  }
  return count;
}

}  // namespace acklab::storage
