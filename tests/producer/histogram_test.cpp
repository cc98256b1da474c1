#include "producer/histogram.h"

#include <gtest/gtest.h>

namespace acklab::producer {
namespace {

TEST(Histogram, OfNothingIsNothing) {
  const Histogram histogram;

  EXPECT_EQ(histogram.count(), 0);
  EXPECT_EQ(histogram.quantile(500), 0);
  EXPECT_EQ(histogram.mean(), 0);
}

TEST(Histogram, SmallValuesAreExact) {
  Histogram histogram;
  for (int value = 1; value <= 20; ++value) histogram.record(value);

  EXPECT_EQ(histogram.quantile(500), 10);
  EXPECT_EQ(histogram.quantile(950), 19);
  EXPECT_EQ(histogram.quantile(1000), 20);
  EXPECT_EQ(histogram.max(), 20);
  EXPECT_EQ(histogram.sum(), 210);
}

TEST(Histogram, EveryQuantileIsWithinThreePercentFromAbove) {
  for (std::int64_t value = 1; value < INT64_MAX / 3; value = value * 3 + 1) {
    Histogram histogram;
    histogram.record(value);
    histogram.record(INT64_MAX);

    EXPECT_GE(histogram.quantile(500), value);
    EXPECT_LE(static_cast<double>(histogram.quantile(500)), 1.032 * static_cast<double>(value));
  }
}

TEST(Histogram, AValueCountsAsOftenAsItIsSaid) {
  Histogram histogram;
  histogram.record(5, 999);
  histogram.record(-7);

  EXPECT_EQ(histogram.count(), 1000);
  EXPECT_EQ(histogram.quantile(1), 0);
  EXPECT_EQ(histogram.quantile(2), 5);
  EXPECT_DOUBLE_EQ(histogram.mean(), 4.995);
}

}  // namespace
}  // namespace acklab::producer
