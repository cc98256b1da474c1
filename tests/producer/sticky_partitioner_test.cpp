#include "producer/sticky_partitioner.h"

#include <gtest/gtest.h>

#include <set>
#include <vector>

namespace acklab::producer {
namespace {

constexpr std::size_t batch_size = 1000;

std::vector<Leader> led(int partitions) { return std::vector<Leader>(static_cast<std::size_t>(partitions), Leader{{1}, {0}}); }

TEST(StickyPartitioner, StaysUntilABatchsWorthOfBytesWasAppended) {
  StickyPartitioner sticky(batch_size);
  protocol::Random random(1);
  const auto leaders = led(1000);
  const std::int32_t first = sticky.next(Newest::none_or_full, leaders, random);

  sticky.appended(999);
  EXPECT_EQ(sticky.next(Newest::none_or_full, leaders, random), first);
  sticky.appended(1);

  EXPECT_NE(sticky.next(Newest::none_or_full, leaders, random), first);
}

TEST(StickyPartitioner, DoesNotLeaveAHalfBatchBehindUnlessItGrowsTooMuch) {
  StickyPartitioner sticky(batch_size);
  protocol::Random random(1);
  const auto leaders = led(1000);
  const std::int32_t first = sticky.next(Newest::none_or_full, leaders, random);

  sticky.appended(1999);
  EXPECT_EQ(sticky.next(Newest::half_full, leaders, random), first);
  sticky.appended(1);

  EXPECT_NE(sticky.next(Newest::half_full, leaders, random), first);
}

TEST(StickyPartitioner, DrawsOnlyPartitionsWithALeaderIfThereIsOne) {
  protocol::Random random(1);
  auto leaders = led(3);
  leaders[0] = leaders[2] = Leader{};
  for (int i = 0; i < 100; ++i) EXPECT_EQ(StickyPartitioner(batch_size).next(Newest::none_or_full, leaders, random), 1);

  leaders[1] = Leader{};
  std::set<std::int32_t> drawn;
  for (int i = 0; i < 100; ++i) drawn.insert(StickyPartitioner(batch_size).next(Newest::none_or_full, leaders, random));
  EXPECT_EQ(drawn.size(), 3u);
}

TEST(StickyPartitioner, InTheLongRunEveryPartitionGetsTheSame) {
  StickyPartitioner sticky(batch_size);
  protocol::Random random(7);
  const auto leaders = led(4);
  std::vector<int> records(4);

  for (int i = 0; i < 100000; ++i) {
    ++records[static_cast<std::size_t>(sticky.next(Newest::none_or_full, leaders, random))];
    sticky.appended(100);
  }

  for (const int count : records) EXPECT_NEAR(count, 25000, 2000);
}

}  // namespace
}  // namespace acklab::producer
