#include "producer/sticky_partitioner.h"

#include <algorithm>

#include "protocol/check.h"

namespace acklab::producer {

std::int32_t draw_evenly(std::span<const Candidate> candidates, protocol::Random& random) {
  CHECK(!candidates.empty());
  return candidates[random.below(candidates.size())].partition;
}

std::int32_t draw_by_load(std::span<const Candidate> candidates, protocol::Random& random) {
  CHECK(!candidates.empty());
  std::size_t longest = 0;
  for (const Candidate& candidate : candidates) longest = std::max(longest, candidate.queued);
  const auto weight = [&](const Candidate& candidate) { return longest + 1 - candidate.queued; };
  std::size_t total = 0;
  for (const Candidate& candidate : candidates) total += weight(candidate);

  // Each candidate owns as many of the numbers below `total` as it weighs.
  std::uint64_t drawn = random.below(total);
  for (const Candidate& candidate : candidates) {
    if (drawn < weight(candidate)) return candidate.partition;
    drawn -= weight(candidate);
  }
  CHECK(false);
}

bool StickyPartitioner::moves_on(Newest newest, std::int32_t partitions) const {
  // A half batch is worth waiting for, but not longer than for another batch's worth.
  const bool enough = bytes_ >= batch_size_ && newest == Newest::none_or_full;
  const bool too_much = bytes_ >= 2 * batch_size_;
  const bool gone = current_ < 0 || current_ >= partitions;  // also before the first
  return enough || too_much || gone;
}

void StickyPartitioner::move_to(std::int32_t partition) {
  current_ = partition;
  bytes_ = 0;
}

}  // namespace acklab::producer
