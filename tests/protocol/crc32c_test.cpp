#include "protocol/records/crc32c.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <random>
#include <string>
#include <vector>

namespace acklab::protocol {
namespace {

std::vector<std::byte> bytes_of(std::string_view text) {
  const auto bytes = std::as_bytes(std::span(text));
  return {bytes.begin(), bytes.end()};
}

std::vector<std::byte> random_bytes(std::size_t size, std::mt19937& random) {
  std::vector<std::byte> bytes(size);
  for (auto& byte : bytes) byte = std::byte(random() & 0xff);
  return bytes;
}

TEST(Crc32c, GivesThePublishedValues) {
  std::vector<std::byte> rising(32);
  for (std::size_t i = 0; i < rising.size(); ++i) rising[i] = std::byte(i);
  std::vector<std::byte> falling(rising.rbegin(), rising.rend());
  const struct {
    std::vector<std::byte> input;
    std::uint32_t crc;
  } cases[] = {
      {bytes_of("123456789"), 0xe3069283},
      {{}, 0},
      {bytes_of("a"), 0xc1d04330},
      {std::vector<std::byte>(32, std::byte{0}), 0x8a9136aa},
      {std::vector<std::byte>(32, std::byte{0xff}), 0x62a8ab43},
      {rising, 0x46dd794e},
      {falling, 0x113fdb5c},
  };

  for (const auto& c : cases) {
    EXPECT_EQ(crc32c(c.input), c.crc);
    EXPECT_EQ(crc32c_portable(c.input), c.crc);
  }
}

TEST(Crc32c, TheInstructionAndThePortableWayAgreeAtAllLengthsAndAlignments) {
  std::mt19937 random(1);
  const std::vector<std::byte> bytes = random_bytes(40000, random);
  std::vector<std::size_t> lengths(1100);
  std::iota(lengths.begin(), lengths.end(), 0);
  // Around the borders where three stretches are summed side by side.
  for (const std::size_t border : {12288, 24576, 12288 + 768}) {
    for (std::size_t length = border - 9; length <= border + 9; ++length) lengths.push_back(length);
  }

  for (const std::size_t length : lengths) {
    const auto part = std::span(bytes).subspan(random() % 64, length);
    ASSERT_EQ(crc32c(part), crc32c_portable(part)) << length;
  }
}

TEST(Crc32c, ContinuesWhereAnEarlierPartEnded) {
  std::mt19937 random(2);
  const std::vector<std::byte> bytes = random_bytes(20000, random);
  const std::uint32_t whole = crc32c(bytes);

  for (int i = 0; i < 50; ++i) {
    const std::size_t cut = random() % bytes.size();
    const auto head = std::span(bytes).first(cut);
    const auto tail = std::span(bytes).subspan(cut);
    EXPECT_EQ(crc32c(tail, crc32c(head)), whole);
    EXPECT_EQ(crc32c_portable(tail, crc32c(head)), whole);
  }
}

}  // namespace
}  // namespace acklab::protocol
