#include "protocol/records/up_convert.h"

#include <gtest/gtest.h>

#include <vector>

#include "tests/protocol/hex.h"
#include "tests/protocol/message_sets.h"
#include "tests/protocol/message_vectors.h"

namespace acklab::protocol {
namespace {

using namespace std::string_view_literals;

constexpr std::size_t no_limit = SIZE_MAX;

Result<UpConverted, MessageSetFault> converted(const Slice& set, std::size_t limit = no_limit) {
  Decompressor decompressor;
  return up_convert(set.view(), limit, decompressor);
}

std::vector<NewMessage> three(std::int8_t magic) {
  const auto time = [&](std::int64_t timestamp) { return magic > 0 ? timestamp : -1; };
  return {{.offset = {0}, .magic = magic, .timestamp = time(1000), .key = "k1"sv, .value = "v1"sv},
          {.offset = {1}, .magic = magic, .timestamp = time(900), .key = {}, .value = ""sv},
          {.offset = {2}, .magic = magic, .timestamp = time(1005), .key = "k3"sv, .value = {}}};
}

void expect_three(const UpConverted& up, std::int8_t magic, Codec codec) {
  EXPECT_EQ(up.codec, codec);
  EXPECT_TRUE(up.batch.crc_matches());
  const BatchHeader& header = up.batch.header();
  EXPECT_EQ(header.base_offset, Offset{0});
  EXPECT_EQ(header.last_offset_delta, 2);
  EXPECT_EQ(header.codec_bits(), 0);
  EXPECT_FALSE(header.idempotent());
  EXPECT_EQ(header.base_timestamp, magic > 0 ? 1000 : -1);
  EXPECT_EQ(header.max_timestamp, magic > 0 ? 1005 : -1);
  const auto records = read_records(up.batch);
  ASSERT_TRUE(records.has_value());
  ASSERT_EQ(records->size(), 3U);
  EXPECT_EQ((*records)[0].key->text(), "k1");
  EXPECT_EQ((*records)[0].value->text(), "v1");
  EXPECT_EQ((*records)[1].timestamp, magic > 0 ? 900 : -1);
  EXPECT_FALSE((*records)[1].key.has_value());
  EXPECT_EQ((*records)[1].value->text(), "");
  EXPECT_EQ((*records)[2].offset, Offset{2});
  EXPECT_FALSE((*records)[2].value.has_value());
}

TEST(UpConvert, MessagesBecomeOneBatch) {
  for (const std::int8_t magic : both_magics) {
    const auto up = converted(message_set(three(magic)));

    ASSERT_TRUE(up.has_value()) << up.error().reason;
    expect_three(*up, magic, Codec::none);
  }
}

TEST(UpConvert, AWrapperIsOpenedWhateverItsOffsetIs) {
  for (const std::int8_t magic : both_magics) {
    for (const Codec codec : {Codec::gzip, Codec::snappy, Codec::lz4}) {
      for (const std::int64_t offset : {0, 2, 77}) {
        const auto up = converted(wrapped_set(codec, magic, {offset}, three(magic)));

        ASSERT_TRUE(up.has_value()) << up.error().reason;
        expect_three(*up, magic, codec);
      }
    }
  }
}

// Some clients give every message inside the offset 0, others the log's; a broker numbers them anyway.
TEST(UpConvert, OffsetsOfMessagesAreNotMinded) {
  std::vector<NewMessage> messages = three(0);
  for (NewMessage& message : messages) message.offset = {0};
  const auto up = converted(wrapped_set(Codec::gzip, 0, {0}, messages));

  ASSERT_TRUE(up.has_value());
  expect_three(*up, 0, Codec::gzip);
}

TEST(UpConvert, KnownWrappersAreOpened) {
  for (const std::string_view hex : {vectors::gzip_of_two, vectors::snappy_of_two}) {
    const auto up = converted(from_hex(hex));

    ASSERT_TRUE(up.has_value()) << up.error().reason;
    EXPECT_EQ(up->batch.header().records_count, 2);
  }
}

TEST(UpConvert, APartOfAMessageAtTheEndIsNotMinded) {
  const Slice set = message_set(three(1));
  const auto up = converted(Slice::copy_of(std::string(set.text()) + std::string(set.text().substr(0, 20))));

  ASSERT_TRUE(up.has_value());
  expect_three(*up, 1, Codec::none);
}

// --- What is refused ---

void expect_refused(const Slice& set, ErrorCode code, std::string_view reason, std::size_t limit = no_limit) {
  const auto up = converted(set, limit);

  ASSERT_FALSE(up.has_value()) << reason;
  EXPECT_EQ(up.error().code, code) << up.error().reason;
  EXPECT_NE(up.error().reason.find(reason), std::string::npos) << up.error().reason;
}

// `set` with one byte changed, and if it is a wrapper, its checksum as it was.
Slice flipped(const Slice& set, std::size_t at) {
  std::string bytes(set.text());
  bytes[at] = static_cast<char>(bytes[at] ^ 0x40);
  return Slice::copy_of(bytes);
}

TEST(UpConvert, EveryFlippedBitBehindTheSizeIsRefused) {
  const Slice set = message_set(three(1));
  for (std::size_t at = 12; at < set.size(); ++at) {
    const std::size_t first = message_size(three(1)[0]);
    if (at >= first && at < first + 12) continue;  // the next offset and size are in no checksum
    if (at >= first + message_size(three(1)[1]) && at < first + message_size(three(1)[1]) + 12) continue;

    EXPECT_EQ(converted(flipped(set, at)).error().code, ErrorCode::corrupt_message) << at;
  }
}

TEST(UpConvert, AChecksumInsideAWrapperCountsAsWell) {
  // The wrapper's own is right: it is made after the damage.
  const Slice inner = flipped(message_set(three(1)), message_size(three(1)[0]) - 1);
  const Slice packed = compress(Codec::gzip, inner.view());
  const NewMessage wrapper{.offset = {2}, .magic = 1, .attributes = 1, .timestamp = 1005, .key = {}, .value = packed.text()};

  expect_refused(message_set(std::span(&wrapper, std::size_t{1})), ErrorCode::corrupt_message, "stored crc");
}

TEST(UpConvert, AWrapperThatCannotBeOpenedIsRefused) {
  const auto wrapper = [](std::int8_t attributes, std::optional<std::string_view> value, std::int8_t magic = 1) {
    const NewMessage message{.offset = {0}, .magic = magic, .attributes = attributes, .timestamp = 0, .key = {}, .value = value};
    return message_set(std::span(&message, std::size_t{1}));
  };

  expect_refused(wrapper(1, "no gzip"), ErrorCode::unknown_server_error, "gzip");
  expect_refused(wrapper(2, "no snappy at all"), ErrorCode::unknown_server_error, "snappy");
  expect_refused(wrapper(3, "no lz4"), ErrorCode::unknown_server_error, "lz4");
  expect_refused(wrapper(3, "no lz4", 0), ErrorCode::unknown_server_error, "lz4");
  expect_refused(wrapper(3, "", 0), ErrorCode::unknown_server_error, "lz4");
  expect_refused(wrapper(4, "anything"), ErrorCode::invalid_record, "zstd");
  expect_refused(wrapper(5, "anything"), ErrorCode::unknown_server_error, "compression type");
  expect_refused(wrapper(1, {}), ErrorCode::invalid_record, "null value");
  expect_refused(from_hex(vectors::gzip_of_nothing), ErrorCode::invalid_record, "no inner records");
}

TEST(UpConvert, WhatIsInAWrapperMustFitIt) {
  expect_refused(from_hex(vectors::lz4_of_two_of_another_magic), ErrorCode::invalid_record, "does not match wrapper magic");
  expect_refused(wrapped_set(Codec::gzip, 1, {1}, three(1)), ErrorCode::invalid_record, "last inner message offset '2'");
  std::vector<NewMessage> inner = three(1);
  inner[1].attributes = 1;
  expect_refused(wrapped_set(Codec::gzip, 1, {2}, inner), ErrorCode::invalid_record, "Inner messages must not be compressed");
}

TEST(UpConvert, AWrapperStandsAlone) {
  const std::string wrapper(wrapped_set(Codec::gzip, 1, {2}, three(1)).text());
  const std::string messages(message_set(three(1)).text());

  expect_refused(Slice::copy_of(wrapper + wrapper), ErrorCode::invalid_record, "more than one batch");
  expect_refused(Slice::copy_of(messages + wrapper), ErrorCode::invalid_record, "more than one batch");
}

TEST(UpConvert, MessagesOfOneSetAreOfOneMagic) {
  std::vector<NewMessage> mixed = three(1);
  mixed[2].magic = 0;
  expect_refused(message_set(mixed), ErrorCode::invalid_record, "magic");
}

TEST(UpConvert, ASetNeedsAMessage) {
  expect_refused(Slice{}, ErrorCode::invalid_record, "at least one message");
  expect_refused(message_set(three(0)).part(0, 20), ErrorCode::invalid_record, "at least one message");
}

TEST(UpConvert, ProducersDoNotClaimTheTimeOfAppend) {
  std::vector<NewMessage> messages = three(1);
  messages[1].attributes = 8;
  expect_refused(message_set(messages), ErrorCode::invalid_timestamp, "LogAppendTime");
  // In magic 0 the bit means nothing.
  messages = three(0);
  messages[1].attributes = 8;
  EXPECT_TRUE(converted(message_set(messages)).has_value());
}

TEST(UpConvert, AMessageMayBeAsLargeAsTheLimit) {
  const Slice set = message_set(three(1));
  const std::size_t largest = message_size(three(1)[0]);

  EXPECT_TRUE(converted(set, largest).has_value());
  expect_refused(set, ErrorCode::message_too_large, "exceeds", largest - 1);
}

TEST(UpConvert, AWrapperThatExpandsBeyondTheLimitIsRefused) {
  const std::string bomb(max_decompressed_batch + 1, '\0');
  const Slice packed = compress(Codec::lz4, std::as_bytes(std::span(bomb)));
  const NewMessage wrapper{.offset = {0}, .magic = 1, .attributes = 3, .timestamp = 0, .key = {}, .value = packed.text()};

  expect_refused(message_set(std::span(&wrapper, std::size_t{1})), ErrorCode::unknown_server_error, "expands beyond");
}

}  // namespace
}  // namespace acklab::protocol
