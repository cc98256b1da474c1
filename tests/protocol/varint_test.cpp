#include "protocol/records/varint.h"

#include <gtest/gtest.h>

#include <array>

#include "protocol/records/record_walk.h"
#include "tests/protocol/hex.h"

namespace acklab::protocol {
namespace {

struct Case {
  std::int64_t value;
  const char* hex;
};

constexpr Case varints[] = {
    {0, "00"},
    {-1, "01"},
    {1, "02"},
    {63, "7e"},
    {-64, "7f"},
    {64, "8001"},
    {-65, "8101"},
    {23, "2e"},
    {-23, "2d"},
    {253, "fa03"},
    {8191, "fe7f"},
    {-8192, "ff7f"},
    {8192, "808001"},
    {-8193, "818001"},
    {1048575, "feff7f"},
    {1048576, "80808001"},
    {134217727, "feffff7f"},
    {134217728, "8080808001"},
    {2147483647, "feffffff0f"},
    {-2147483648, "ffffffff0f"},
};

constexpr Case varlongs[] = {
    {17179869183, "feffffff7f"},
    {17179869184, "808080808001"},
    {2199023255551, "feffffffff7f"},
    {281474976710655, "feffffffffff7f"},
    {36028797018963967, "feffffffffffff7f"},
    {4611686018427387903, "feffffffffffffff7f"},
    {INT64_MAX, "feffffffffffffffff01"},
    {INT64_MIN, "ffffffffffffffffff01"},
    {1234567890101112, "f08dd3c8a7b5b104"},
    {-1234567890101112, "ef8dd3c8a7b5b104"},
};

std::string stored(std::int64_t value) {
  std::array<std::byte, max_varlong_size> room{};
  std::byte* end = store_zigzag(room.data(), value);
  return to_hex(Slice::copy_of(std::span(room.data(), end)));
}

TEST(Varint, IsStoredAndReadAsKafkaDoes) {
  for (const Case& c : varints) {
    const Slice bytes = from_hex(c.hex);
    RecordCursor cursor(bytes.view());

    EXPECT_EQ(cursor.varint(), c.value);
    EXPECT_TRUE(cursor.ok());
    EXPECT_EQ(cursor.left(), 0);
    EXPECT_EQ(stored(c.value), c.hex);
    EXPECT_EQ(zigzag_size(c.value), bytes.size());
  }
}

TEST(Varlong, IsStoredAndReadAsKafkaDoes) {
  for (const auto& cases : {std::span<const Case>(varints), std::span<const Case>(varlongs)}) {
    for (const Case& c : cases) {
      const Slice bytes = from_hex(c.hex);
      RecordCursor cursor(bytes.view());

      EXPECT_EQ(cursor.varlong(), c.value);
      EXPECT_TRUE(cursor.ok());
      EXPECT_EQ(cursor.left(), 0);
      EXPECT_EQ(stored(c.value), c.hex);
      EXPECT_EQ(zigzag_size(c.value), bytes.size());
    }
  }
}

TEST(Varint, CutShortOrTooLongIsAFaultThatStays) {
  for (const char* hex : {"", "80", "ffffffff", "ffffffffff01", "ffffffffffffffffffff01"}) {
    const Slice bytes = from_hex(hex);
    RecordCursor cursor(bytes.view());

    EXPECT_EQ(cursor.varint(), 0) << hex;
    EXPECT_FALSE(cursor.ok()) << hex;
    EXPECT_TRUE(cursor.run(0).empty());
    EXPECT_FALSE(cursor.ok()) << hex;
  }
  for (const char* hex : {"", "80", "ffffffffffffffffff", "ffffffffffffffffffff01"}) {
    const Slice bytes = from_hex(hex);
    RecordCursor cursor(bytes.view());

    EXPECT_EQ(cursor.varlong(), 0) << hex;
    EXPECT_FALSE(cursor.ok()) << hex;
  }
}

}  // namespace
}  // namespace acklab::protocol
