#include "protocol/records/down_convert.h"

#include <gtest/gtest.h>

#include <vector>

#include "protocol/records/batch_builder.h"
#include "protocol/records/batch_layout.h"
#include "protocol/records/lz4_header.h"
#include "protocol/records/message_set.h"
#include "protocol/records/rewrite.h"
#include "protocol/records/up_convert.h"
#include "tests/protocol/hex.h"
#include "tests/protocol/message_sets.h"
#include "tests/protocol/record_vectors.h"

namespace acklab::protocol {
namespace {

using namespace std::string_view_literals;

constexpr std::size_t no_limit = SIZE_MAX;

// Offsets base, base + 1, base + 2, as a leader stores them.
Slice batch_at(std::int64_t base, Codec codec = Codec::none) {
  BatchBuilder builder(codec);
  const NewRecord::Header header{.key = "h", .value = {}};
  builder.append({.timestamp = 1000, .key = "k1"sv, .value = "v1"sv, .headers = std::span(&header, std::size_t{1})});
  builder.append({.timestamp = 900, .key = {}, .value = ""sv, .headers = {}});
  builder.append({.timestamp = 1005, .key = "k3"sv, .value = {}, .headers = {}});
  const Slice sent = builder.seal({7}, {0}, {0});
  const BatchHeader header_of_sent = RecordBatch::first(sent)->header();
  Bytes stored;
  stored.append(leader_prefix(header_of_sent, {base}, {3}));
  stored.append(sent.from(magic_at));
  return stored.flatten();
}

std::vector<ReadMessage> messages_at(std::int64_t base, std::int8_t magic) {
  const auto time = [&](std::int64_t timestamp) { return magic > 0 ? timestamp : -1; };
  return {{{base}, magic, time(1000), "k1", "v1"},
          {{base + 1}, magic, time(900), std::nullopt, ""},
          {{base + 2}, magic, time(1005), "k3", std::nullopt}};
}

Slice joined(std::initializer_list<Slice> slices) {
  Bytes bytes;
  for (const Slice& slice : slices) bytes.append(slice);
  return bytes.flatten();
}

// The same records, with another header.
Slice with_header(const Slice& batch, const std::function<void(BatchHeader&)>& change) {
  MutableBuffer copy(batch.size());
  std::memcpy(copy.span().data(), batch.data(), batch.size());
  BatchHeader header = load_batch_header(batch.view().first<batch_header_size>());
  change(header);
  store_batch_header(copy.span().first<batch_header_size>(), header);
  store_crc(copy.span());
  return std::move(copy).freeze();
}

Slice converted(const Slice& batches, const DownConversion& wanted) {
  const auto set = down_convert(batches, wanted);
  EXPECT_TRUE(set.has_value());
  return set ? *set : Slice{};
}

Offset first_offset_inside(const MessageView& wrapper) {
  Slice packed = Slice::copy_of(*wrapper.value);
  if (wrapper.codec_bits() == static_cast<std::uint8_t>(Codec::lz4)) packed = with_lz4_checksum(packed.view());
  const Slice inside = decompress(static_cast<Codec>(wrapper.codec_bits()), packed).value();
  return MessageWalk(inside.view()).next()->offset;
}

TEST(DownConvert, RecordsBecomeMessages) {
  for (const std::int8_t magic : both_magics) {
    const Slice set = converted(batch_at(40), {.magic = magic, .from = {40}, .max_bytes = no_limit});

    EXPECT_EQ(read_messages(set), messages_at(40, magic));
  }
}

TEST(DownConvert, ACompressedBatchBecomesAWrapperInItsCodec) {
  for (const std::int8_t magic : both_magics) {
    for (const Codec codec : {Codec::gzip, Codec::snappy, Codec::lz4}) {
      const Slice set = converted(batch_at(40, codec), {.magic = magic, .from = {40}, .max_bytes = no_limit});

      EXPECT_EQ(read_messages(set), messages_at(40, magic));
      MessageWalk walk(set.view());
      const MessageView* wrapper = walk.next();
      ASSERT_NE(wrapper, nullptr);
      EXPECT_EQ(wrapper->codec_bits(), static_cast<std::uint8_t>(codec));
      EXPECT_EQ(wrapper->offset, Offset{42});
      EXPECT_EQ(wrapper->timestamp, magic > 0 ? 1005 : -1);
      EXPECT_EQ(wrapper->bytes.size(), set.size());
      EXPECT_EQ(first_offset_inside(*wrapper), Offset{magic > 0 ? 0 : 40});
    }
  }
}

TEST(DownConvert, WhatItWritesIsWhatUpConversionReads) {
  for (const std::int8_t magic : both_magics) {
    for (const Codec codec : {Codec::none, Codec::gzip, Codec::snappy, Codec::lz4}) {
      Decompressor decompressor;
      const Slice set = converted(batch_at(0, codec), {.magic = magic, .from = {0}, .max_bytes = no_limit});
      const auto up = up_convert(set.view(), no_limit, decompressor);

      ASSERT_TRUE(up.has_value()) << up.error().reason;
      EXPECT_EQ(up->codec, codec);
      EXPECT_EQ(up->batch.header().records_count, 3);
    }
  }
}

// Kafka's clients of old refuse a magic 0 frame whose checksum is right, and newer ones do not mind.
TEST(DownConvert, Lz4HasTheWrongHeaderChecksumInMagic0AndTheRightOneInMagic1) {
  const auto frame_in = [](const Slice& set) {
    MessageWalk walk(set.view());
    return to_hex(Slice::copy_of(*walk.next()->value)).substr(0, 14);
  };

  EXPECT_EQ(frame_in(converted(batch_at(0, Codec::lz4), {.magic = 0, .max_bytes = no_limit})), "04224d1860401a");
  EXPECT_EQ(frame_in(converted(batch_at(0, Codec::lz4), {.magic = 1, .max_bytes = no_limit})), "04224d18604082");
}

TEST(DownConvert, BeginsAtTheFetchOffsetUnlessItLiesInAWrapper) {
  const std::vector<ReadMessage> all = messages_at(40, 1);
  const Slice plain = converted(batch_at(40), {.magic = 1, .from = {41}, .max_bytes = no_limit});
  const Slice packed = converted(batch_at(40, Codec::gzip), {.magic = 1, .from = {41}, .max_bytes = no_limit});

  EXPECT_EQ(read_messages(plain), std::vector<ReadMessage>(all.begin() + 1, all.end()));
  EXPECT_EQ(read_messages(packed), all);
}

TEST(DownConvert, GapsThatCompactionLeftStay) {
  for (const Codec codec : {Codec::none, Codec::gzip}) {
    const RecordBatch whole = *RecordBatch::first(batch_at(40, codec));
    std::vector<Record> records = *read_records(whole);
    records.erase(records.begin() + 1);
    const Slice compacted = rewritten(whole.header(), records);
    for (const std::int8_t magic : both_magics) {
      std::vector<ReadMessage> left = messages_at(40, magic);
      left.erase(left.begin() + 1);

      EXPECT_EQ(read_messages(converted(compacted, {.magic = magic, .from = {40}, .max_bytes = no_limit})), left);
    }
  }
}

TEST(DownConvert, TheTimeOfAppendIsThatOfEveryMessage) {
  for (const Codec codec : {Codec::none, Codec::gzip}) {
    const Slice batch = with_header(batch_at(40, codec), [](BatchHeader& header) {
      header.attributes = static_cast<std::int16_t>(header.attributes | 8);
      header.max_timestamp = 5000;
    });
    const Slice set = converted(batch, {.magic = 1, .from = {40}, .max_bytes = no_limit});

    for (const ReadMessage& message : read_messages(set)) EXPECT_EQ(message.timestamp, 5000);
    MessageWalk walk(set.view());
    const MessageView* first = walk.next();
    EXPECT_TRUE(first->log_append_time());
    EXPECT_EQ(first->timestamp, 5000);
    EXPECT_FALSE(
        MessageWalk(converted(batch, {.magic = 0, .from = {40}, .max_bytes = no_limit}).view()).next()->log_append_time());
  }
}

TEST(DownConvert, ControlBatchesAndEmptyOnesAreLeftOut) {
  const Slice log = joined({batch_at(39), from_hex(vectors::commit_marker), from_hex(vectors::empty_batch), batch_at(50)});
  const std::vector<ReadMessage> read = read_messages(converted(log, {.magic = 1, .from = {39}, .max_bytes = no_limit}));

  ASSERT_EQ(read.size(), 6U);
  EXPECT_EQ(read[3].offset, Offset{50});
}

TEST(DownConvert, ZstdIsRefusedAndWhatStandsBeforeItIsGiven) {
  const DownConversion wanted{.magic = 1, .from = {40}, .max_bytes = no_limit};

  EXPECT_EQ(down_convert(batch_at(40, Codec::zstd), wanted).error(), ErrorCode::unsupported_compression_type);
  EXPECT_EQ(read_messages(converted(joined({batch_at(40), batch_at(43, Codec::zstd)}), wanted)), messages_at(40, 1));
}

TEST(DownConvert, DamageIsNotGivenAChecksumThatMatches) {
  std::string damaged(batch_at(40).text());
  damaged.replace(damaged.find("k3"), 2, "k4");
  const DownConversion wanted{.magic = 1, .from = {40}, .max_bytes = no_limit};

  EXPECT_EQ(down_convert(Slice::copy_of(damaged), wanted).error(), ErrorCode::corrupt_message);
}

TEST(DownConvert, OldVersionsCutTheLastMessageAtTheLimit) {
  const Slice log = joined({batch_at(40), batch_at(43)});
  const Slice all = converted(log, {.magic = 0, .from = {40}, .max_bytes = no_limit});
  for (std::size_t limit = 0; limit <= all.size(); ++limit) {
    EXPECT_EQ(converted(log, {.magic = 0, .from = {40}, .max_bytes = limit}), all.part(0, limit));
  }
}

TEST(DownConvert, Version3HasTheFirstBatchWhole) {
  const Slice log = joined({batch_at(40), batch_at(43)});
  const std::size_t first = converted(batch_at(40), {.magic = 1, .from = {40}, .max_bytes = no_limit}).size();
  const Slice set = converted(log, {.magic = 1, .from = {40}, .max_bytes = 10, .first = FirstBatch::whole});

  EXPECT_EQ(set.size(), first);
  EXPECT_EQ(read_messages(set), messages_at(40, 1));
}

}  // namespace
}  // namespace acklab::protocol
