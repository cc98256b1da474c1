// How values are spread: counts in buckets whose width grows with the value, so that any quantile is known to about 3 % at a fixed cost.
// 32 buckets for each power of two; below 32 each value has its own.
#pragma once

#include <array>
#include <cstdint>

namespace acklab::producer {

class Histogram {
 public:
  // Negative values count as 0.
  void record(std::int64_t value, std::int64_t times = 1);

  std::int64_t count() const { return count_; }
  std::int64_t sum() const { return sum_; }
  std::int64_t max() const { return max_; }
  double mean() const { return count_ == 0 ? 0 : static_cast<double>(sum_) / static_cast<double>(count_); }
  // The value that so many in a thousand do not exceed: 500 is the median. 0 if there are no values.
  std::int64_t quantile(std::int64_t permille) const;

 private:
  static constexpr int sub_bits = 5;
  static constexpr int buckets = (64 - sub_bits) << sub_bits;

  static std::size_t bucket_of(std::uint64_t value);
  static std::int64_t highest_in(std::size_t bucket);

  std::array<std::int64_t, buckets> counts_{};
  std::int64_t count_ = 0;
  std::int64_t sum_ = 0;
  std::int64_t max_ = 0;
};

}  // namespace acklab::producer
