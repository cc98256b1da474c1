#include "producer/sticky_partitioner.h"

#include "protocol/check.h"

namespace acklab::producer {
namespace {

std::int32_t draw(const std::vector<Leader>& leaders, protocol::Random& random) {
  std::vector<std::int32_t> candidates;
  for (std::size_t i = 0; i < leaders.size(); ++i) {
    if (leaders[i].known()) candidates.push_back(static_cast<std::int32_t>(i));
  }
  if (candidates.empty()) return static_cast<std::int32_t>(random.below(leaders.size()));
  return candidates[random.below(candidates.size())];
}

}  // namespace

std::int32_t StickyPartitioner::next(Newest newest, const std::vector<Leader>& leaders, protocol::Random& random) {
  CHECK(!leaders.empty());
  // A half batch is worth waiting for, but not longer than for another batch's worth.
  const bool enough = bytes_ >= batch_size_ && newest == Newest::none_or_full;
  const bool too_much = bytes_ >= 2 * batch_size_;
  const bool gone = static_cast<std::size_t>(current_) >= leaders.size();  // also before the first
  if (enough || too_much || gone) {
    current_ = draw(leaders, random);
    bytes_ = 0;
  }
  return current_;
}

}  // namespace acklab::producer
