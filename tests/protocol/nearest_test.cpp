#include "protocol/nearest.h"

#include <gtest/gtest.h>

#include <array>
#include <string_view>

namespace acklab::protocol {
namespace {

constexpr std::array<std::string_view, 3> words = {"linger.ms", "batch.size", "acks"};

TEST(Nearest, ATypoFindsItsWord) {
  EXPECT_EQ(nearest("ligner.ms", words), "linger.ms");
  EXPECT_EQ(nearest("batchsize", words), "batch.size");
  EXPECT_EQ(nearest("ack", words), "acks");
  EXPECT_EQ(nearest("acks", words), "acks");
}

TEST(Nearest, AmongEqualsTheFirstIsTaken) {
  constexpr std::array<std::string_view, 2> equals = {"ab", "ac"};
  EXPECT_EQ(nearest("a", equals), "ab");
}

TEST(Nearest, WithoutCandidatesThereIsNone) { EXPECT_EQ(nearest("x", {}), ""); }

}  // namespace
}  // namespace acklab::protocol
