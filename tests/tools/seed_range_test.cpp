#include "tools/lab/seed_range.h"

#include <gtest/gtest.h>

#include <vector>

namespace acklab::lab {
namespace {

std::vector<std::uint64_t> seeds_of(const SeedRange& range) {
  std::vector<std::uint64_t> seeds;
  for (std::uint64_t seed = range.first; seed <= range.last; seed += range.step) seeds.push_back(seed);
  return seeds;
}

TEST(Shards, ShareNoSeedAndTogetherAreTheRange) {
  for (const SeedRange range : {SeedRange{1, 1}, SeedRange{0, 9}, SeedRange{5, 27}, SeedRange{max_seed - 12, max_seed}}) {
    for (int of = 1; of <= range.count(); ++of) {
      std::vector<int> times(static_cast<std::size_t>(range.count()));
      for (int number = 1; number <= of; ++number) {
        const auto part = range.part({number, of});

        ASSERT_TRUE(part.has_value()) << part.error();
        EXPECT_EQ(static_cast<std::size_t>(part->count()), seeds_of(*part).size());
        for (const std::uint64_t seed : seeds_of(*part)) ++times.at(static_cast<std::size_t>(seed - range.first));
      }
      EXPECT_EQ(times, std::vector<int>(times.size(), 1)) << of << " shards of " << range.first << ".." << range.last;
    }
  }
}

TEST(Shards, OneWithoutSeedsIsTold) {
  EXPECT_EQ((SeedRange{7, 9}.part({4, 4}).error()), "--shard 4/4: nothing is left for it of 3 seeds; use at most 3 shards");
  EXPECT_FALSE((SeedRange{max_seed, max_seed}.part({max_shards, max_shards})));
}

}  // namespace
}  // namespace acklab::lab
