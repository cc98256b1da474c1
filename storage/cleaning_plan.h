// When a log is compacted, how far, and which of its segments become one. Pure; in Kafka the log cleaner's manager decides this.
//
//   log start        first dirty           upper       last stable offset    end
//      | cleaned before  | to be cleaned      |  uncleanable: too young, not committed, undecided, or in the active segment
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "protocol/types.h"

namespace acklab::storage {

// What a segment has, seen from outside: what compaction is planned by, and what old clients ask for.
struct SegmentOutline {
  protocol::Offset base{};
  protocol::Offset end{};  // of what is in it: the next segment may begin later
  std::uint64_t bytes = 0;
  std::int64_t first_timestamp = -1;    // of its first batch
  std::int64_t largest_timestamp = -1;  // of all its batches
};

struct CleaningRules {
  double min_cleanable_dirty_ratio = 0.5;          // min.cleanable.dirty.ratio
  std::int64_t min_compaction_lag_ms = 0;          // min.compaction.lag.ms
  std::int64_t max_compaction_lag_ms = INT64_MAX;  // max.compaction.lag.ms
  std::int64_t now = 0;                            // wall time, milliseconds
};

struct CleaningPlan {
  protocol::Offset first_dirty{};
  protocol::Offset upper{};  // the first offset that may not be cleaned; the base of a segment
  double dirty_ratio = 0;    // of the bytes below `upper`
};

// `segments` in order, the last one active. `cleaned_to` is the checkpoint of the last cleaning, if there was one. Nothing if there is
// nothing to do yet.
std::optional<CleaningPlan> cleaning_due(std::span<const SegmentOutline> segments, std::optional<protocol::Offset> cleaned_to,
                                         protocol::Offset last_stable, const CleaningRules& rules);

// The segments below `upper` in runs of neighbours, each of which fits into one segment, so that a log of many small remains becomes a
// log of few. Counts of segments; they add up to the segments below `upper`.
std::vector<std::size_t> segments_to_merge(std::span<const SegmentOutline> segments, protocol::Offset upper,
                                           std::uint64_t segment_bytes);

}  // namespace acklab::storage
