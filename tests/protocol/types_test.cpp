#include "protocol/types.h"

#include <gtest/gtest.h>

namespace acklab::protocol {
namespace {

TEST(Uuid, IsPrintedAsKafkaPrintsTopicIds) {
  Uuid uuid;
  for (int i = 0; i < 16; ++i) uuid.bytes[static_cast<std::size_t>(i)] = static_cast<std::uint8_t>(0x11 * i);

  EXPECT_EQ(to_string(uuid), "ABEiM0RVZneImaq7zN3u_w");
  EXPECT_EQ(to_string(Uuid{}), "AAAAAAAAAAAAAAAAAAAAAA");
}

TEST(Sequence, WrapsToZeroBehindTheLargest) {
  constexpr std::int32_t largest = 0x7fffffff;

  EXPECT_EQ(Sequence{largest} + 1, Sequence{0});
  EXPECT_EQ(Sequence{largest - 2} + 5, Sequence{2});
  EXPECT_EQ(Sequence{5} + 5, Sequence{10});
}

}  // namespace
}  // namespace acklab::protocol
