// What a leader makes of a message set: it is judged as the batch that it becomes, and the topic's wishes are its wishes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "broker/partition/batch_validation.h"
#include "broker/partition/sent_records.h"
#include "protocol/records/batch_builder.h"
#include "tests/protocol/message_sets.h"

namespace acklab::broker {
namespace {

using namespace protocol;
using namespace std::string_view_literals;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr std::int64_t now = 1700000000100;
constexpr Codec codecs_of_message_sets[] = {Codec::none, Codec::gzip, Codec::snappy, Codec::lz4};

TopicConfig topic(const Settings& settings) {
  TopicConfig config;
  for (const auto& [key, value] : settings) EXPECT_TRUE(config.set(key, value).has_value()) << key;
  return config;
}

std::vector<NewMessage> two(std::int8_t magic) {
  return {{.offset = {0}, .magic = magic, .timestamp = magic > 0 ? now - 9 : -1, .key = "k1"sv, .value = "v1"sv},
          {.offset = {1}, .magic = magic, .timestamp = magic > 0 ? now - 2 : -1, .key = {}, .value = "v2"sv}};
}

Slice set_in(Codec codec, std::int8_t magic) {
  return codec == Codec::none ? message_set(two(magic)) : wrapped_set(codec, magic, {1}, two(magic));
}

Result<ValidBatch, BatchRefusal> judge(const Slice& set, const TopicConfig& config = {}) {
  return BatchValidator().validate_message_set(set, config, now);
}

std::vector<std::string> values_of(const ValidBatch& valid) {
  std::vector<std::string> values;
  const auto records = read_records(valid.batch);
  EXPECT_TRUE(records.has_value());
  for (const Record& record : *records) values.emplace_back(record.value->text());
  return values;
}

TEST(MessageSetValidation, WhatIsAppendedIsABatchInTheProducersCodec) {
  for (const std::int8_t magic : both_magics) {
    for (const Codec codec : codecs_of_message_sets) {
      const auto valid = judge(set_in(codec, magic));

      ASSERT_TRUE(valid.has_value()) << valid.error().message;
      EXPECT_TRUE(valid->batch.crc_matches());
      EXPECT_EQ(valid->batch.header().codec_bits(), static_cast<std::uint8_t>(codec));
      EXPECT_EQ(valid->batch.header().max_timestamp, magic > 0 ? now - 2 : -1);
      EXPECT_FALSE(valid->batch.header().log_append_time());
      EXPECT_EQ(valid->log_append_time, -1);
      EXPECT_THAT(values_of(*valid), ElementsAre("v1", "v2"));
    }
  }
}

TEST(MessageSetValidation, TheTopicsCodecIsKept) {
  for (const auto& [type, bits] : {std::pair{"uncompressed", 0}, {"gzip", 1}, {"zstd", 4}}) {
    for (const Codec codec : codecs_of_message_sets) {
      const auto valid = judge(set_in(codec, 1), topic({{"compression.type", type}}));

      ASSERT_TRUE(valid.has_value()) << valid.error().message;
      EXPECT_EQ(valid->batch.header().codec_bits(), bits);
      EXPECT_THAT(values_of(*valid), ElementsAre("v1", "v2"));
    }
  }
}

TEST(MessageSetValidation, TheTimeOfAppendIsTheBrokers) {
  for (const std::int8_t magic : both_magics) {
    for (const Codec codec : codecs_of_message_sets) {
      const auto valid = judge(set_in(codec, magic), topic({{"message.timestamp.type", "LogAppendTime"}}));

      ASSERT_TRUE(valid.has_value()) << valid.error().message;
      EXPECT_TRUE(valid->batch.crc_matches());
      EXPECT_TRUE(valid->batch.header().log_append_time());
      EXPECT_EQ(valid->batch.header().max_timestamp, now);
      EXPECT_EQ(valid->log_append_time, now);
    }
  }
}

TEST(MessageSetValidation, TimestampsOutOfTheTopicsWindowAreRefusedAndThoseOfMagic0AreNone) {
  const TopicConfig strict = topic({{"message.timestamp.before.max.ms", "5"}});

  EXPECT_EQ(judge(set_in(Codec::gzip, 1), strict).error().code, ErrorCode::invalid_timestamp);
  EXPECT_TRUE(judge(set_in(Codec::gzip, 0), strict).has_value());
}

TEST(MessageSetValidation, ACompactedTopicTakesNoMessageWithoutAKey) {
  const TopicConfig compacted = topic({{"cleanup.policy", "compact"}});

  EXPECT_EQ(judge(set_in(Codec::none, 0), compacted).error().code, ErrorCode::invalid_record);
}

TEST(MessageSetValidation, SizeCountsAsItCameAndAsItIsAppended) {
  const std::string value(1000, 'x');
  const NewMessage large{.offset = {0}, .magic = 1, .timestamp = now, .key = {}, .value = value};
  const Slice set = message_set(std::span(&large, std::size_t{1}));
  const Slice wrapped = wrapped_set(Codec::gzip, 1, {0}, std::span(&large, std::size_t{1}));

  EXPECT_EQ(judge(set, topic({{"max.message.bytes", "1000"}})).error().code, ErrorCode::message_too_large);
  EXPECT_TRUE(judge(wrapped, topic({{"max.message.bytes", "1000"}})).has_value());
  const auto unpacked = judge(wrapped, topic({{"max.message.bytes", "1000"}, {"compression.type", "uncompressed"}}));
  EXPECT_EQ(unpacked.error().code, ErrorCode::message_too_large);
}

TEST(MessageSetValidation, ARefusalSaysWhy) {
  const auto refused = judge(set_in(Codec::none, 1).part(0, 10));

  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code, ErrorCode::invalid_record);
  EXPECT_THAT(refused.error().message, HasSubstr("at least one message"));
}

TEST(MessageSetValidation, OnlyOldVersionsCarryMessageSets) {
  BatchBuilder builder(Codec::none);
  builder.append({.timestamp = 1, .key = {}, .value = "v"sv, .headers = {}});
  const Slice batch = builder.seal();
  const Slice set = set_in(Codec::none, 1);

  EXPECT_TRUE(is_message_set(set, 2));
  EXPECT_FALSE(is_message_set(set, 3));
  EXPECT_FALSE(is_message_set(batch, 0));
  EXPECT_FALSE(is_message_set(std::nullopt, 0));
  EXPECT_TRUE(is_message_set(set.part(0, 5), 0));
}

}  // namespace
}  // namespace acklab::broker
