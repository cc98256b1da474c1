#include "storage/cleaning_plan.h"

#include <algorithm>
#include <limits>

namespace acklab::storage {

using protocol::Offset;

namespace {

// Where cleaning must end: at the base of the active segment, of the segment with the last stable offset in it, or of the first that is
// too young.
Offset uncleanable_from(std::span<const SegmentOutline> segments, Offset first_dirty, Offset last_stable,
                        const CleaningRules& rules) {
  for (const SegmentOutline& segment : segments.first(segments.size() - 1)) {
    if (segment.end > last_stable) return segment.base;
    const bool young = rules.min_compaction_lag_ms > 0 && segment.largest_timestamp > rules.now - rules.min_compaction_lag_ms;
    if (young && segment.base >= first_dirty) return segment.base;
  }
  return segments.back().base;
}

}  // namespace

std::optional<CleaningPlan> cleaning_due(std::span<const SegmentOutline> segments, std::optional<Offset> cleaned_to,
                                         Offset last_stable, const CleaningRules& rules) {
  const Offset start = segments.front().base;
  // A checkpoint that does not belong to this log says nothing.
  const bool known = cleaned_to && *cleaned_to >= start && *cleaned_to <= segments.back().end;
  const Offset first_dirty = known ? *cleaned_to : start;
  const Offset upper = uncleanable_from(segments, first_dirty, last_stable, rules);
  if (upper <= first_dirty) return std::nullopt;

  std::uint64_t clean = 0;
  std::uint64_t dirty = 0;
  std::optional<std::int64_t> oldest_dirty;
  for (const SegmentOutline& segment : segments) {
    if (segment.base >= upper) break;
    if (segment.end <= first_dirty) {
      clean += segment.bytes;
    } else {
      dirty += segment.bytes;
      if (!oldest_dirty) oldest_dirty = segment.first_timestamp;
    }
  }
  if (dirty == 0) return std::nullopt;
  const bool overdue = oldest_dirty && rules.max_compaction_lag_ms < rules.now - *oldest_dirty;
  const double ratio = static_cast<double>(dirty) / static_cast<double>(clean + dirty);
  if (!overdue && ratio <= rules.min_cleanable_dirty_ratio) return std::nullopt;
  return CleaningPlan{first_dirty, upper, ratio};
}

std::vector<std::size_t> segments_to_merge(std::span<const SegmentOutline> segments, Offset upper, std::uint64_t segment_bytes) {
  constexpr std::int64_t most_offsets = std::numeric_limits<std::int32_t>::max();  // an index holds them relative to the base
  std::vector<std::size_t> runs;
  std::uint64_t bytes = 0;
  Offset base{};
  for (const SegmentOutline& segment : segments) {
    if (segment.base >= upper) break;
    const bool joins = !runs.empty() && bytes + segment.bytes <= segment_bytes && segment.end - base <= most_offsets;
    if (joins) {
      ++runs.back();
      bytes += segment.bytes;
    } else {
      runs.push_back(1);
      bytes = segment.bytes;
      base = segment.base;
    }
  }
  return runs;
}

}  // namespace acklab::storage
