#include "producer/sticky_partitioner.h"

#include <gtest/gtest.h>

#include <vector>

namespace acklab::producer {
namespace {

constexpr std::size_t batch_size = 1000;
constexpr std::int32_t partitions = 4;

TEST(StickyPartitioner, HasNoPartitionBeforeTheFirstRecord) {
  StickyPartitioner sticky(batch_size);
  EXPECT_EQ(sticky.current(), -1);
  EXPECT_TRUE(sticky.moves_on(Newest::none_or_full, partitions));
}

TEST(StickyPartitioner, StaysUntilABatchsWorthOfBytesWasAppended) {
  StickyPartitioner sticky(batch_size);
  sticky.move_to(3);

  sticky.appended(999);
  EXPECT_FALSE(sticky.moves_on(Newest::none_or_full, partitions));
  sticky.appended(1);
  EXPECT_TRUE(sticky.moves_on(Newest::none_or_full, partitions));

  sticky.move_to(1);
  EXPECT_EQ(sticky.current(), 1);
  EXPECT_FALSE(sticky.moves_on(Newest::none_or_full, partitions));
}

TEST(StickyPartitioner, DoesNotLeaveAHalfBatchBehindUnlessItGrowsTooMuch) {
  StickyPartitioner sticky(batch_size);
  sticky.move_to(0);

  sticky.appended(1999);
  EXPECT_FALSE(sticky.moves_on(Newest::half_full, partitions));
  sticky.appended(1);
  EXPECT_TRUE(sticky.moves_on(Newest::half_full, partitions));
}

TEST(StickyPartitioner, LeavesAPartitionThatIsNotThereAnyMore) {
  StickyPartitioner sticky(batch_size);
  sticky.move_to(3);
  EXPECT_TRUE(sticky.moves_on(Newest::none_or_full, 3));
}

// How often each of some partitions is drawn in 10,000 draws per unit of weight.
std::vector<int> draws(const std::vector<Candidate>& candidates, int total_weight) {
  protocol::Random random(7);
  std::vector<int> drawn(partitions);
  for (int i = 0; i < 10000 * total_weight; ++i) ++drawn[static_cast<std::size_t>(draw_by_load(candidates, random))];
  return drawn;
}

TEST(DrawByLoad, GivesAlikeQueuesTheSame) {
  for (const int count : draws({{0, 2}, {1, 2}, {2, 2}, {3, 2}}, 4)) EXPECT_NEAR(count, 10000, 500);
}

TEST(DrawByLoad, WeighsEachByTheLongestQueuePlusOneLessItsOwn) {
  const std::vector<int> drawn = draws({{0, 3}, {2, 0}, {3, 1}}, 1 + 4 + 3);

  EXPECT_NEAR(drawn[0], 10000, 500);
  EXPECT_EQ(drawn[1], 0) << "not among the candidates";
  EXPECT_NEAR(drawn[2], 40000, 1000);
  EXPECT_NEAR(drawn[3], 30000, 1000);
}

TEST(DrawByLoad, DrawsAsTheEvenDrawDoesWhileQueuesAreAlike) {
  const std::vector<Candidate> candidates = {{0, 1}, {2, 1}, {3, 1}};
  protocol::Random one(1), two(1);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(draw_by_load(candidates, one), draw_evenly(candidates, two));
}

}  // namespace
}  // namespace acklab::producer
