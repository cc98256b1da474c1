#include "producer/histogram.h"

#include <algorithm>
#include <bit>

namespace acklab::producer {

// The first five bits of a value choose one of 32 buckets, their place in it which 32.
std::size_t Histogram::bucket_of(std::uint64_t value) {
  constexpr std::uint64_t exact = std::uint64_t{1} << sub_bits;
  if (value < exact) return static_cast<std::size_t>(value);
  const int shift = static_cast<int>(std::bit_width(value)) - 1 - sub_bits;
  return (static_cast<std::size_t>(shift) << sub_bits) + static_cast<std::size_t>(value >> shift);
}

std::int64_t Histogram::highest_in(std::size_t bucket) {
  constexpr std::size_t exact = std::size_t{1} << sub_bits;
  if (bucket < 2 * exact) return static_cast<std::int64_t>(bucket);
  const std::size_t shift = (bucket >> sub_bits) - 1;
  const std::uint64_t first = exact + (bucket & (exact - 1));
  return static_cast<std::int64_t>(((first + 1) << shift) - 1);
}

void Histogram::record(std::int64_t value, std::int64_t times) {
  value = std::max<std::int64_t>(value, 0);
  counts_[bucket_of(static_cast<std::uint64_t>(value))] += times;
  count_ += times;
  sum_ += value * times;
  max_ = std::max(max_, value);
}

std::int64_t Histogram::quantile(std::int64_t permille) const {
  const std::int64_t wanted = std::max<std::int64_t>(1, (count_ * permille + 999) / 1000);
  std::int64_t seen = 0;
  for (std::size_t bucket = 0; bucket < counts_.size(); ++bucket) {
    seen += counts_[bucket];
    if (seen >= wanted) return std::min(highest_in(bucket), max_);
  }
  return 0;
}

}  // namespace acklab::producer
