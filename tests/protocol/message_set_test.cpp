#include "protocol/records/message_set.h"

#include <gtest/gtest.h>

#include <vector>

#include "protocol/records/message_encoding.h"
#include "tests/protocol/hex.h"
#include "tests/protocol/message_vectors.h"

namespace acklab::protocol {
namespace {

std::string_view text(const std::optional<std::span<const std::byte>>& run) {
  return run ? std::string_view(reinterpret_cast<const char*>(run->data()), run->size()) : std::string_view("null");
}

Slice stored(const NewMessage& message) {
  MutableBuffer bytes(message_size(message));
  EXPECT_EQ(store_message(bytes.span().data(), message), bytes.span().data() + bytes.span().size());
  return std::move(bytes).freeze();
}

TEST(MessageSet, ReadsAMessageOfMagic1) {
  const Slice set = from_hex(vectors::magic_1_value_123);
  MessageWalk walk(set.view());
  const MessageView* message = walk.next();

  ASSERT_NE(message, nullptr);
  EXPECT_EQ(message->offset, Offset{0});
  EXPECT_EQ(message->magic, 1);
  EXPECT_EQ(message->crc, 0x478628c2U);
  EXPECT_TRUE(message->crc_matches());
  EXPECT_EQ(message->timestamp, 1503648000942);
  EXPECT_EQ(text(message->key), "null");
  EXPECT_EQ(text(message->value), "123");
  EXPECT_FALSE(message->wraps());
  EXPECT_EQ(walk.next(), nullptr);
  EXPECT_TRUE(walk.sound());
}

TEST(MessageSet, WritesTheKnownBytes) {
  using namespace std::string_view_literals;
  EXPECT_EQ(to_hex(stored({.offset = Offset{0}, .magic = 1, .timestamp = 1503648000942, .key = {}, .value = "123"sv})),
            vectors::magic_1_value_123);
  EXPECT_EQ(to_hex(stored({.offset = Offset{0}, .magic = 0, .key = {}, .value = "123"sv})), vectors::magic_0_value_123);
  EXPECT_EQ(to_hex(stored({.offset = Offset{1}, .magic = 0, .key = {}, .value = ""sv})), vectors::magic_0_empty_value);
  EXPECT_EQ(to_hex(stored({.offset = Offset{0}, .magic = 0, .key = {}, .value = {}})), vectors::magic_0_nulls);
  EXPECT_EQ(to_hex(stored({.offset = Offset{0}, .magic = 1, .timestamp = 0, .key = {}, .value = {}})), vectors::magic_1_nulls);
}

TEST(MessageSet, EveryKnownMessageIsOneWithAChecksumThatMatches) {
  for (const std::string_view hex :
       {vectors::magic_0_value_123, vectors::magic_0_empty_value, vectors::magic_0_nulls, vectors::magic_1_nulls,
        vectors::gzip_of_nothing, vectors::gzip_of_two, vectors::snappy_of_two, vectors::lz4_of_two_of_another_magic}) {
    const Slice set = from_hex(hex);
    MessageWalk walk(set.view());
    const MessageView* message = walk.next();

    ASSERT_NE(message, nullptr) << hex;
    EXPECT_TRUE(message->crc_matches()) << hex;
    EXPECT_EQ(message->bytes.size(), set.size()) << hex;
  }
}

TEST(MessageSet, ALastMessageThatIsCutIsNoFault) {
  const Slice set = from_hex(std::string(vectors::magic_0_value_123) + std::string(vectors::magic_1_value_123));
  const std::size_t first = vectors::magic_0_value_123.size() / 2;
  for (std::size_t size = 0; size <= set.size(); ++size) {
    MessageWalk walk(set.view().first(size));
    std::size_t messages = 0;
    while (walk.next() != nullptr) ++messages;

    EXPECT_TRUE(walk.sound()) << size;
    EXPECT_EQ(messages, size < first ? 0U : size < set.size() ? 1U : 2U) << size;
  }
}

TEST(MessageSet, LengthsThatDoNotFitAreFaults) {
  struct Case {
    std::size_t at;
    std::string_view bytes, why;
  };
  const std::string hex(vectors::magic_0_value_123);
  for (const Case& damage :
       {Case{8, "0000000d", "smaller than a message"}, Case{8, "ffffffff", "smaller than a message"},
        Case{8, "80000000", "smaller than a message"}, Case{16, "02", "magic"}, Case{16, "ff", "magic"},
        Case{18, "00000001", "do not fill"}, Case{18, "7fffffff", "do not fill"}, Case{22, "00000002", "do not fill"},
        Case{22, "00000004", "do not fill"}, Case{22, "ffffffff", "do not fill"}}) {
    std::string damaged = hex;
    damaged.replace(2 * damage.at, damage.bytes.size(), damage.bytes);
    const Slice set = from_hex(damaged);
    MessageWalk walk(set.view());

    EXPECT_EQ(walk.next(), nullptr) << damaged;
    ASSERT_FALSE(walk.sound()) << damaged;
    EXPECT_NE(std::string_view(walk.fault()).find(damage.why), std::string_view::npos) << walk.fault();
  }
}

}  // namespace
}  // namespace acklab::protocol
