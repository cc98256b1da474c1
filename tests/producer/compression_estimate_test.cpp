#include "producer/compression_estimate.h"

#include <gtest/gtest.h>

namespace acklab::producer {
namespace {

using protocol::Codec;

TEST(CompressionEstimate, ExpectsNothingBeforeItHasSeenABatch) {
  EXPECT_EQ(CompressionEstimate(Codec::lz4).compressed(1000), 1050U);
}

TEST(CompressionEstimate, ComesDownSlowlyAndNoFurtherThanWasSeen) {
  CompressionEstimate estimate(Codec::lz4);

  estimate.observe(1000, 500);
  EXPECT_EQ(estimate.permille(), 995);
  for (int batch = 0; batch < 200; ++batch) estimate.observe(1000, 500);

  EXPECT_EQ(estimate.permille(), 500);
  EXPECT_EQ(estimate.compressed(1000), 525U);
}

TEST(CompressionEstimate, GoesUpAtOnce) {
  CompressionEstimate estimate(Codec::zstd);
  for (int batch = 0; batch < 200; ++batch) estimate.observe(1000, 500);

  estimate.observe(1000, 520);
  EXPECT_EQ(estimate.permille(), 550) << "a small step is made larger";
  estimate.observe(1000, 1100);
  EXPECT_EQ(estimate.permille(), 1100) << "what does not compress at all grows";
}

TEST(CompressionEstimate, StartsOverAfterABatchThatWasTooLarge) {
  CompressionEstimate estimate(Codec::gzip);
  for (int batch = 0; batch < 200; ++batch) estimate.observe(1000, 100);

  estimate.start_over();

  EXPECT_EQ(estimate.permille(), 1000);
}

TEST(CompressionEstimate, AnOpenBatchIsNotStretchedWithoutLimit) {
  CompressionEstimate estimate(Codec::zstd);
  for (int batch = 0; batch < 400; ++batch) estimate.observe(1000, 1);

  EXPECT_EQ(estimate.compressed(8000), 1000U);
}

TEST(CompressionEstimate, WithoutACodecBytesAreBytes) {
  CompressionEstimate estimate(Codec::none);

  estimate.observe(1000, 1061);

  EXPECT_EQ(estimate.compressed(1000), 1000U);
}

}  // namespace
}  // namespace acklab::producer
