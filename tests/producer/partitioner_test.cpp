#include "producer/partitioner.h"

#include <gtest/gtest.h>

namespace acklab::producer {
namespace {

TEST(Murmur2, GivesWhatKafkasJavaProducerGives) {
  const struct {
    std::string_view key;
    std::uint32_t hash;
  } cases[] = {
      {"21", 0xc5f2f8ec},
      {"foobar", 0xd0e47bbe},
      {"a-little-bit-long-string", 0xc53b1da0},
      {"a-little-bit-longer-string", 0xa768c9c3},
      {"lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", 0xfc7d49cd},
      {"abc", 0x1c94221b},
      {"kafka", 0xd067cf64},
      {"giberish123456789", 0x8f552b0c},
      {"1234", 0x9fc97b14},
      {"234", 0xe7c009ca},
      {"34", 0x873930da},
      {"4", 0x5a4b5ca1},
      {"PreAmbleWillBeRemoved,ThePrePartThatIs", 0x78424f1c},
      {"reAmbleWillBeRemoved,ThePrePartThatIs", 0x4a62b377},
      {"eAmbleWillBeRemoved,ThePrePartThatIs", 0xe0e4e09e},
      {"AmbleWillBeRemoved,ThePrePartThatIs", 0x62b8b43f},
      {"", 0x106e08d9},
  };

  for (const auto& c : cases) EXPECT_EQ(static_cast<std::uint32_t>(murmur2(c.key)), c.hash) << c.key;
}

TEST(PartitionForKey, IsThePositiveHashModuloThePartitions) {
  const struct {
    std::string_view key;
    std::int32_t of_3, of_12, of_100;
  } cases[] = {
      {"21", 0, 0, 40},
      {"foobar", 0, 6, 66},
      {"a-little-bit-long-string", 2, 8, 12},
      {"a-little-bit-longer-string", 2, 11, 19},
      {"lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", 2, 5, 77},
      {"abc", 0, 3, 7},
  };

  for (const auto& c : cases) {
    EXPECT_EQ(partition_for_key(c.key, 1), 0);
    EXPECT_EQ(partition_for_key(c.key, 3), c.of_3) << c.key;
    EXPECT_EQ(partition_for_key(c.key, 12), c.of_12) << c.key;
    EXPECT_EQ(partition_for_key(c.key, 100), c.of_100) << c.key;
  }
}

}  // namespace
}  // namespace acklab::producer
