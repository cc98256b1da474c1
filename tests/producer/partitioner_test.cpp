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

TEST(PartitionByKey, IsForKafkasPartitionerThePositiveHashModuloThePartitions) {
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

  for (const PartitionerClass by : {PartitionerClass::built_in, PartitionerClass::murmur2, PartitionerClass::murmur2_random}) {
    for (const auto& c : cases) {
      EXPECT_EQ(partition_by_key(by, c.key, 1), 0);
      EXPECT_EQ(partition_by_key(by, c.key, 3), c.of_3) << c.key;
      EXPECT_EQ(partition_by_key(by, c.key, 12), c.of_12) << c.key;
      EXPECT_EQ(partition_by_key(by, c.key, 100), c.of_100) << c.key;
    }
  }
}

// kcat, with librdkafka and each of its partitioners, is compared in tests/interop/partitioners_test.sh.
TEST(PartitionByKey, IsForTheOthersWhatTheirClientsGive) {
  const struct {
    std::string_view key;
    std::uint32_t crc32, fnv1a;
    std::int32_t crc32_of_12, fnv1a_of_12;
  } cases[] = {
      {"kafka", 0x5bbc7517, 0x0d33c4e1, 11, 5},
      {"giberish123456789", 0x7b3a8e3f, 0x77a58295, 11, 5},
      {"1234", 0x9be3e0a3, 0xfdc422fd, 7, 3},
      {"234", 0x0d717969, 0x2dea3cd2, 1, 6},
      {"34", 0x9406837a, 0x8bf057c2, 2, 10},
      {"4", 0xf3b61b38, 0x310ca263, 4, 7},
      {"reAmbleWillBeRemoved,ThePrePartThatIs", 0x6f0978f7, 0x91b63866, 7, 2},
      {"", 0x00000000, 0x811c9dc5, 0, 3},
  };

  for (const auto& c : cases) {
    EXPECT_EQ(crc32(c.key), c.crc32) << c.key;
    EXPECT_EQ(static_cast<std::uint32_t>(fnv1a(c.key)), c.fnv1a) << c.key;
    EXPECT_EQ(partition_by_key(PartitionerClass::consistent, c.key, 12), c.crc32_of_12) << c.key;
    EXPECT_EQ(partition_by_key(PartitionerClass::fnv1a, c.key, 12), c.fnv1a_of_12) << c.key;
    EXPECT_EQ(partition_by_key(PartitionerClass::fnv1a_random, c.key, 12), c.fnv1a_of_12) << c.key;
  }
}

TEST(PartitionByKey, SaysForEachClassWhichRecordsMayGoAnywhere) {
  using By = PartitionerClass;
  const auto free = [](By by, std::optional<std::string_view> key) { return !partition_by_key(by, key, 12); };

  for (const By by : {By::built_in, By::murmur2_random, By::fnv1a_random}) {
    EXPECT_TRUE(free(by, std::nullopt));
    EXPECT_FALSE(free(by, ""));
  }
  EXPECT_TRUE(free(By::consistent_random, ""));
  EXPECT_FALSE(free(By::consistent_random, "k"));
  for (const By by : {By::consistent, By::murmur2, By::fnv1a}) {
    EXPECT_EQ(partition_by_key(by, std::nullopt, 12), partition_by_key(by, "", 12));
  }
  for (const By by : {By::uniform_sticky, By::round_robin, By::random}) EXPECT_TRUE(free(by, "k"));
}

}  // namespace
}  // namespace acklab::producer
