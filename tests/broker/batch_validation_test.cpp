// Every rule by which a leader takes, changes or refuses a producer's batch, with the bytes that break it.
#include "broker/partition/batch_validation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "broker/partition/sent_records.h"
#include "protocol/records/batch_builder.h"
#include "protocol/records/batch_layout.h"
#include "protocol/wire/big_endian.h"
#include "tests/protocol/hex.h"
#include "tests/protocol/record_vectors.h"

namespace acklab::broker {
namespace {

using namespace protocol;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;

constexpr std::int16_t newest_produce = 12;
constexpr std::int64_t now = 1700000000100;
constexpr Codec every_codec[] = {Codec::none, Codec::gzip, Codec::snappy, Codec::lz4, Codec::zstd};

// A topic with these settings.
TopicConfig topic(const Settings& settings) {
  TopicConfig config;
  for (const auto& [key, value] : settings) EXPECT_TRUE(config.set(key, value).has_value()) << key;
  return config;
}
std::string compression_type(Codec codec) { return codec == Codec::none ? "uncompressed" : std::string(name(codec)); }

Result<ValidBatch, BatchRefusal> judge(const Nullable<Slice>& records, const TopicConfig& config = {},
                                       std::int16_t produce_version = newest_produce) {
  const auto sent = batch_of_request(records, produce_version);
  if (!sent) return failure(sent.error());
  BatchValidator validator;
  return validator.validate(*sent, config, AppendOrigin::client, now);
}

ErrorCode code_of(const Slice& records, std::int16_t produce_version = newest_produce) {
  const auto valid = judge(records, {}, produce_version);
  return valid ? ErrorCode::none : valid.error().code;
}
ErrorCode code_under(const TopicConfig& config, const Slice& records) {
  const auto valid = judge(records, config);
  return valid ? ErrorCode::none : valid.error().code;
}

std::vector<std::byte> bytes_of(const Slice& slice) { return {slice.view().begin(), slice.view().end()}; }

// A batch whose checksum is right, whatever was changed.
Slice with_right_checksum(std::vector<std::byte> batch) {
  protocol::store_crc(batch);
  return Slice::copy_of(batch);
}

Slice three_records(Codec codec) {
  const NewRecord::Header headers[] = {{"h", "x"}, {"n", std::nullopt}};
  BatchBuilder builder(codec);
  builder.append({.timestamp = 1700000000000, .key = "k1", .value = "v1", .headers = {}});
  builder.append({.timestamp = 1700000000009, .key = std::nullopt, .value = "v2", .headers = headers});
  builder.append({.timestamp = 1700000000005, .key = "k3", .value = std::nullopt, .headers = {}});
  return builder.seal();
}

template <std::integral T>
Slice with_field(const Slice& batch, std::size_t at, T value) {
  auto bytes = bytes_of(batch);
  store_big_endian(bytes.data() + at, value);
  return with_right_checksum(std::move(bytes));
}

// A batch of these records, given as the bytes that they are before compression.
Slice with_records(Codec codec, std::int32_t count, std::string_view hex) {
  Bytes batch(three_records(codec).part(0, batch_header_size));
  batch.append(compress(codec, from_hex(hex).view()));
  auto bytes = bytes_of(batch.flatten());
  store_big_endian(bytes.data() + batch_length_at, static_cast<std::int32_t>(bytes.size() - batch_prefix_size));
  store_big_endian(bytes.data() + last_offset_delta_at, count - 1);
  store_big_endian(bytes.data() + records_count_at, count);
  return with_right_checksum(std::move(bytes));
}

TEST(BatchValidation, AcceptsWhatOurBuilderSealsInEveryCodec) {
  for (const Codec codec : every_codec) {
    const Slice sent = three_records(codec);

    const auto valid = judge(sent);

    ASSERT_TRUE(valid.has_value()) << name(codec) << ": " << valid.error().message;
    EXPECT_EQ(valid->batch.bytes().data(), sent.data()) << "copied";
    EXPECT_EQ(valid->batch.size(), sent.size());
    EXPECT_EQ(valid->log_append_time, -1);
  }
}

TEST(BatchValidation, AcceptsKnownBatchesOfClients) {
  for (const auto hex : {vectors::one_record, vectors::one_header, vectors::in_none, vectors::in_gzip, vectors::in_snappy_xerial,
                         vectors::in_raw_snappy, vectors::in_lz4, vectors::in_zstd, vectors::idempotent}) {
    EXPECT_EQ(code_of(from_hex(hex)), ErrorCode::none) << hex;
  }
}

TEST(BatchValidation, RefusesAWrongHeaderWithTheCodeThatKafkaGives) {
  const Slice good = three_records(Codec::none);
  const auto idempotent = with_producer(good, ProducerId{1}, ProducerEpoch{0}, Sequence{0});
  const struct {
    const char* what;
    Slice records;
    ErrorCode code;
  } cases[] = {
      {"nothing", {}, ErrorCode::invalid_record},
      {"less than a length field", good.part(0, 11), ErrorCode::invalid_record},
      {"a negative length", with_field(good, batch_length_at, -1), ErrorCode::corrupt_message},
      {"a length of zero", with_field(good, batch_length_at, 0), ErrorCode::corrupt_message},
      {"a length shorter than the header", with_field(good, batch_length_at, 48), ErrorCode::corrupt_message},
      {"a length beyond the end", with_field(good, batch_length_at, static_cast<std::int32_t>(good.size()) - 11),
       ErrorCode::corrupt_message},
      {"a length of 2 GiB", with_field(good, batch_length_at, INT32_MAX), ErrorCode::corrupt_message},
      {"magic 0", with_field(good, magic_at, std::int8_t{0}), ErrorCode::invalid_record},
      {"magic 1", with_field(good, magic_at, std::int8_t{1}), ErrorCode::invalid_record},
      {"magic 3", with_field(good, magic_at, std::int8_t{3}), ErrorCode::invalid_record},
      {"base offset 1", with_field(good, base_offset_at, std::int64_t{1}), ErrorCode::invalid_record},
      {"base offset -1", with_field(good, base_offset_at, std::int64_t{-1}), ErrorCode::invalid_record},
      {"a negative last offset delta", with_field(good, last_offset_delta_at, -1), ErrorCode::invalid_record},
      {"a last offset delta that skips", with_field(good, last_offset_delta_at, 3), ErrorCode::invalid_record},
      {"no records", from_hex(vectors::empty_batch), ErrorCode::invalid_record},
      {"a negative count", with_field(good, records_count_at, -1), ErrorCode::invalid_record},
      {"one record too few declared", with_field(with_field(good, records_count_at, 2), last_offset_delta_at, 1),
       ErrorCode::invalid_record},
      {"one record too many declared", with_field(with_field(good, records_count_at, 4), last_offset_delta_at, 3),
       ErrorCode::invalid_record},
      {"2 billion records declared",
       with_field(with_field(good, records_count_at, INT32_MAX), last_offset_delta_at, INT32_MAX - 1), ErrorCode::invalid_record},
      {"the control bit", with_field(good, attributes_at, std::int16_t{0x20}), ErrorCode::invalid_record},
      {"a producer id without a sequence", with_field(idempotent, base_sequence_at, -1), ErrorCode::invalid_record},
      {"a producer id with a sequence", idempotent, ErrorCode::none},
      {"a sequence that wraps", with_field(idempotent, base_sequence_at, INT32_MAX), ErrorCode::none},
      {"the broker's timestamp type", with_field(good, attributes_at, std::int16_t{0x08}), ErrorCode::invalid_timestamp},
      {"the transactional bit", with_field(idempotent, attributes_at, std::int16_t{0x10}), ErrorCode::none},
      {"codec 5", with_field(good, attributes_at, std::int16_t{5}), ErrorCode::unknown_server_error},
      {"codec 7", with_field(good, attributes_at, std::int16_t{7}), ErrorCode::unknown_server_error},
      {"gzip that is none", with_field(good, attributes_at, std::int16_t{1}), ErrorCode::unknown_server_error},
      {"zstd that is none", with_field(good, attributes_at, std::int16_t{4}), ErrorCode::unknown_server_error},
      {"any leader epoch", with_field(good, leader_epoch_at, 77), ErrorCode::none},
  };

  for (const auto& c : cases) EXPECT_EQ(code_of(c.records), c.code) << c.what << ": " << name(code_of(c.records));
}

TEST(BatchValidation, RefusesRecordsThatDoNotFillTheirFrameExactly) {
  const struct {
    const char* what;
    std::int32_t count;
    const char* hex;
    ErrorCode code;
  } cases[] = {
      {"key and value null", 1, "0c 00 00 00 01 01 00", ErrorCode::none},
      {"key and value empty", 1, "0c 00 00 00 00 00 00", ErrorCode::none},
      {"a null of another negative length", 1, "0c 00 00 00 03 05 00", ErrorCode::none},
      {"record attributes set", 1, "0c ff 00 00 01 01 00", ErrorCode::none},
      {"a negative record length", 1, "01 00 00 00 01 01 00", ErrorCode::invalid_record},
      {"a record length of zero", 1, "00", ErrorCode::invalid_record},
      {"a record shorter than its fields", 1, "0a 00 00 00 01 01 00", ErrorCode::invalid_record},
      {"a record longer than its fields", 1, "0e 00 00 00 01 01 00 00", ErrorCode::invalid_record},
      {"a record beyond the batch", 1, "0e 00 00 00 01 01 00", ErrorCode::invalid_record},
      {"a byte behind the last record", 1, "0c 00 00 00 01 01 00 00", ErrorCode::invalid_record},
      {"a key beyond the record", 1, "0c 00 00 00 04 01 00", ErrorCode::invalid_record},
      {"a value beyond the record", 1, "0c 00 00 00 01 04 00", ErrorCode::invalid_record},
      {"a negative header count", 1, "0c 00 00 00 01 01 01", ErrorCode::invalid_record},
      {"headers that are not there", 1, "0c 00 00 00 01 01 02", ErrorCode::invalid_record},
      {"2 billion headers", 1, "14 00 00 00 01 01 feffffff0f", ErrorCode::invalid_record},
      {"a header with empty key and null value", 1, "10 00 00 00 01 01 02 00 01", ErrorCode::none},
      {"a null header key", 1, "10 00 00 00 01 01 02 01 01", ErrorCode::invalid_record},
      {"a varint that does not end", 1, "0c 00 ff ff ff ff ff", ErrorCode::invalid_record},
      {"an offset delta varint of six bytes", 1, "16 00 00 808080808000 01 01 00", ErrorCode::invalid_record},
  };

  for (const auto& c : cases) {
    for (const Codec codec : {Codec::none, Codec::gzip}) {
      EXPECT_EQ(code_of(with_records(codec, c.count, c.hex)), c.code) << c.what << " in " << name(codec);
    }
  }
}

// Some old clients number the records of a compressed batch wrongly.
TEST(BatchValidation, OffsetsThatSkipOrRepeatAreWrittenAnewInACompressedBatchAndKeptInAnother) {
  for (const char* hex : {"0c 00 00 00 01 01 00  0c 00 00 04 01 01 00", "0c 00 00 00 01 01 00  0c 00 00 00 01 01 00"}) {
    const Slice plain = with_records(Codec::none, 2, hex);
    EXPECT_EQ(judge(plain)->batch.bytes().from(batch_header_size), plain.from(batch_header_size));

    for (const Codec codec : {Codec::gzip, Codec::snappy, Codec::lz4, Codec::zstd}) {
      const auto valid = judge(with_records(codec, 2, hex));
      ASSERT_TRUE(valid.has_value()) << name(codec);
      const auto records = read_records(valid->batch);
      ASSERT_TRUE(records.has_value());
      ASSERT_THAT(*records, SizeIs(2));
      EXPECT_EQ((*records)[0].offset, Offset{0});
      EXPECT_EQ((*records)[1].offset, Offset{1});
      EXPECT_EQ(valid->batch.header().codec_bits(), static_cast<std::uint8_t>(codec));
      EXPECT_TRUE(valid->batch.crc_matches());
    }
  }
}

TEST(BatchValidation, ZstdNeedsProduceSeven) {
  EXPECT_EQ(code_of(three_records(Codec::zstd), 6), ErrorCode::unsupported_compression_type);
  EXPECT_EQ(code_of(three_records(Codec::zstd), 7), ErrorCode::none);
  EXPECT_EQ(code_of(three_records(Codec::lz4), 3), ErrorCode::none);
}

TEST(BatchValidation, OneBatchAndNoMore) {
  const Slice batch = three_records(Codec::none);
  const auto followed_by = [&](const Slice& rest) {
    Bytes joined(batch);
    joined.append(rest);
    return joined.flatten();
  };

  EXPECT_EQ(code_of(followed_by(batch)), ErrorCode::invalid_record);
  EXPECT_EQ(code_of(followed_by(from_hex("00000000"))), ErrorCode::none) << "a few stray bytes are dropped";
  EXPECT_EQ(code_of(followed_by(batch.part(0, batch.size() - 1))), ErrorCode::none) << "so is a batch that is cut short";
  EXPECT_EQ(code_of(followed_by(from_hex("0000000000000000 00000001 00"))), ErrorCode::corrupt_message);

  EXPECT_EQ(judge(followed_by(from_hex("0102")))->batch.bytes(), batch);
}

TEST(BatchValidation, CorrectsAMaxTimestampThatTheRecordsContradict) {
  const Slice wrong = with_field(three_records(Codec::gzip), max_timestamp_at, std::int64_t{0});

  const auto valid = judge(wrong);

  ASSERT_TRUE(valid.has_value());
  EXPECT_EQ(valid->batch.header().max_timestamp, 1700000000009);
  EXPECT_TRUE(valid->batch.crc_matches());
  EXPECT_EQ(valid->batch.bytes(), three_records(Codec::gzip));
}

TEST(BatchValidation, RecordsWithoutTimestampHaveNoMaximum) {
  BatchBuilder builder(Codec::none);
  builder.append({.timestamp = -1, .key = "k", .value = "v", .headers = {}});

  const auto valid =
      judge(builder.seal(), topic({{"message.timestamp.before.max.ms", "0"}, {"message.timestamp.after.max.ms", "0"}}));

  ASSERT_TRUE(valid.has_value());
  EXPECT_EQ(valid->batch.header().max_timestamp, -1);
}

TEST(BatchValidation, RefusesABatchCutAtAnyByte) {
  for (const auto hex : vectors::all_batches) {
    const Slice whole = from_hex(hex);
    for (std::size_t size = 0; size < whole.size(); ++size) {
      const ErrorCode code = code_of(whole.part(0, size));
      ASSERT_EQ(code, size < batch_prefix_size ? ErrorCode::invalid_record : ErrorCode::corrupt_message) << size << " " << hex;
    }
  }
}

TEST(BatchValidation, RefusesAnyChangedBitButThoseOfTheLeaderEpoch) {
  for (const Codec codec : every_codec) {
    const Slice whole = three_records(codec);
    for (std::size_t bit = 0; bit < 8 * whole.size(); ++bit) {
      auto bad = bytes_of(whole);
      bad[bit / 8] ^= std::byte(1 << bit % 8);
      const std::size_t byte = bit / 8;
      const bool leader_epoch = byte >= leader_epoch_at && byte < magic_at;
      const bool unbelievable = byte < batch_length_at || byte == magic_at;  // refused before the checksum is asked

      const ErrorCode expected = leader_epoch   ? ErrorCode::none
                                 : unbelievable ? ErrorCode::invalid_record
                                                : ErrorCode::corrupt_message;
      ASSERT_EQ(code_of(Slice::copy_of(bad)), expected) << name(codec) << " bit " << bit;
    }
  }
}

// With the checksum put right, as an attacker would, what is left of the defence is the walk itself.
TEST(BatchValidation, NoChangedByteUnderARightChecksumMakesItCrash) {
  for (const Codec codec : every_codec) {
    const Slice whole = three_records(codec);
    for (std::size_t at = attributes_at; at < whole.size(); ++at) {
      for (int flip = 1; flip < 256; flip = 2 * flip + 1) {
        auto bad = bytes_of(whole);
        bad[at] ^= std::byte(flip);
        if (const auto valid = judge(with_right_checksum(std::move(bad)))) {
          EXPECT_TRUE(valid->batch.crc_matches());
          EXPECT_TRUE(read_records(valid->batch).has_value());
        }
      }
    }
  }
}

// --- What a topic demands ---

TEST(BatchValidation, SizesAreThoseOfTheWholeBatchAndJudgedBeforeTheChecksum) {
  const Slice batch = three_records(Codec::none);
  auto corrupt = bytes_of(batch);
  corrupt.back() ^= std::byte{1};

  const std::string size = std::to_string(batch.size());
  const std::string less = std::to_string(batch.size() - 1);

  EXPECT_EQ(code_under(topic({{"max.message.bytes", size}}), batch), ErrorCode::none);
  EXPECT_EQ(code_under(topic({{"max.message.bytes", less}}), batch), ErrorCode::message_too_large);
  EXPECT_EQ(code_under(topic({{"max.message.bytes", less}}), Slice::copy_of(corrupt)), ErrorCode::message_too_large);
  EXPECT_EQ(code_under(topic({{"max.message.bytes", less}}), with_field(batch, base_offset_at, std::int64_t{1})),
            ErrorCode::invalid_record);
  EXPECT_EQ(code_under(topic({{"segment.bytes", size}}), batch), ErrorCode::none);
  EXPECT_EQ(code_under(topic({{"segment.bytes", less}}), batch), ErrorCode::record_list_too_large);
}

TEST(BatchValidation, ABatchThatOutgrowsTheLimitWhenItIsWrittenAnewIsTooLarge) {
  BatchBuilder builder(Codec::zstd);
  const std::string value(10'000, 'x');
  builder.append({.timestamp = now, .key = "k", .value = value, .headers = {}});
  const Slice small = builder.seal();

  EXPECT_EQ(code_under(topic({{"max.message.bytes", "5000"}}), small), ErrorCode::none);
  EXPECT_EQ(code_under(topic({{"max.message.bytes", "5000"}, {"compression.type", "uncompressed"}}), small),
            ErrorCode::message_too_large);
}

TEST(BatchValidation, TimestampsKeepWithinTheTopicsWindow) {
  const auto at = [](std::int64_t timestamp) {
    BatchBuilder builder(Codec::none);
    builder.append({.timestamp = timestamp, .key = "k", .value = "v", .headers = {}});
    return builder.seal();
  };
  const TopicConfig narrow = topic({{"message.timestamp.before.max.ms", "50"}, {"message.timestamp.after.max.ms", "20"}});
  const TopicConfig brokers_time = topic({{"message.timestamp.type", "LogAppendTime"}, {"message.timestamp.after.max.ms", "20"}});
  const TopicConfig unlimited = topic({{"message.timestamp.after.max.ms", std::to_string(INT64_MAX)}});
  const struct {
    TopicConfig topic;
    std::int64_t timestamp;
    ErrorCode code;
  } cases[] = {
      {narrow, now, ErrorCode::none},
      {narrow, now - 50, ErrorCode::none},
      {narrow, now - 51, ErrorCode::invalid_timestamp},
      {narrow, now + 20, ErrorCode::none},
      {narrow, now + 21, ErrorCode::invalid_timestamp},
      {narrow, -1, ErrorCode::none},
      {narrow, -2, ErrorCode::invalid_timestamp},
      {narrow, INT64_MIN, ErrorCode::invalid_timestamp},
      {narrow, INT64_MAX, ErrorCode::invalid_timestamp},
      {{}, 0, ErrorCode::none},
      {{}, INT64_MIN + now + 1, ErrorCode::none},
      {{}, now + 3'600'000, ErrorCode::none},
      {{}, now + 3'600'001, ErrorCode::invalid_timestamp},
      {unlimited, INT64_MAX, ErrorCode::none},
      {brokers_time, now + 21, ErrorCode::none},
  };

  for (const auto& c : cases) EXPECT_EQ(code_under(c.topic, at(c.timestamp)), c.code) << c.timestamp - now;
}

TEST(BatchValidation, EveryBadRecordIsListedAndOneFailsTheBatch) {
  const auto keyless = judge(three_records(Codec::lz4), topic({{"cleanup.policy", "compact"}}));

  ASSERT_FALSE(keyless.has_value());
  EXPECT_EQ(keyless.error().code, ErrorCode::invalid_record);
  EXPECT_THAT(keyless.error().message, HasSubstr("1 record errors"));
  ASSERT_THAT(keyless.error().records, SizeIs(1));
  EXPECT_EQ(keyless.error().records[0].index, 1);
  EXPECT_THAT(keyless.error().records[0].why, HasSubstr("without key"));

  // One wrong timestamp names the whole. A record without a key is not asked for its time.
  const auto mixed =
      judge(three_records(Codec::none), topic({{"message.timestamp.before.max.ms", "93"}, {"cleanup.policy", "compact,delete"}}));

  ASSERT_FALSE(mixed.has_value());
  EXPECT_EQ(mixed.error().code, ErrorCode::invalid_timestamp);
  ASSERT_THAT(mixed.error().records, SizeIs(3));
  EXPECT_EQ(mixed.error().records[0].why,
            "Timestamp 1700000000000 of message with offset 0 is out of range. The timestamp should be within [1700000000007, "
            "1700003600100]");
  EXPECT_THAT(mixed.error().records[1].why, HasSubstr("without key"));
  EXPECT_EQ(mixed.error().records[2].index, 2);
}

TEST(BatchValidation, MillionsOfBadRecordsAreNotAllListed) {
  BatchBuilder builder(Codec::zstd);
  for (int i = 0; i < 5000; ++i) builder.append({.timestamp = now, .key = std::nullopt, .value = "v", .headers = {}});

  const auto refused = judge(builder.seal(), topic({{"cleanup.policy", "compact"}}));

  ASSERT_FALSE(refused.has_value());
  EXPECT_THAT(refused.error().records, SizeIs(BatchRefusal::most_listed));
  EXPECT_THAT(refused.error().message, HasSubstr("5000"));
}

TEST(BatchValidation, AFaultInTheFramingIsNoListOfRecords) {
  const auto refused =
      judge(with_records(Codec::none, 2, "0c 00 00 00 01 01 00  0c 00 00 02 08 01 00"), topic({{"cleanup.policy", "compact"}}));

  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code, ErrorCode::invalid_record);
  EXPECT_EQ(refused.error().message, "Record 1: a length beyond the end");
  EXPECT_THAT(refused.error().records, SizeIs(0));
}

TEST(BatchValidation, UnderLogAppendTimeTheLeaderStampsTheBatchAndLeavesTheRecords) {
  for (const Codec codec : every_codec) {
    const Slice sent = three_records(codec);

    const auto valid = judge(sent, topic({{"message.timestamp.type", "LogAppendTime"}}));

    ASSERT_TRUE(valid.has_value());
    EXPECT_EQ(valid->log_append_time, now);
    EXPECT_TRUE(valid->batch.header().log_append_time());
    EXPECT_EQ(valid->batch.header().max_timestamp, now);
    EXPECT_EQ(valid->batch.header().base_timestamp, 1700000000000);
    EXPECT_TRUE(valid->batch.crc_matches());
    EXPECT_EQ(valid->batch.bytes().from(batch_header_size), sent.from(batch_header_size));
    const auto records = read_records(valid->batch);
    ASSERT_TRUE(records.has_value());
    for (const Record& record : *records) EXPECT_EQ(record.timestamp, now);
  }
}

TEST(BatchValidation, CompressionTypeWritesABatchOfAnotherCodecAnew) {
  const ProducerId producer{7};
  for (const Codec from : every_codec) {
    for (const Codec to : every_codec) {
      const Slice sent = with_producer(three_records(from), producer, ProducerEpoch{2}, Sequence{40});

      const auto valid = judge(sent, topic({{"compression.type", compression_type(to)}}));

      ASSERT_TRUE(valid.has_value()) << name(from) << " to " << name(to);
      const BatchHeader& header = valid->batch.header();
      EXPECT_EQ(header.codec_bits(), static_cast<std::uint8_t>(to));
      EXPECT_EQ(header.producer_id, producer);
      EXPECT_EQ(header.producer_epoch, ProducerEpoch{2});
      EXPECT_EQ(header.base_sequence, Sequence{40});
      EXPECT_EQ(header.max_timestamp, 1700000000009);
      EXPECT_TRUE(valid->batch.crc_matches());
      if (from == to) {
        EXPECT_EQ(valid->batch.bytes().data(), sent.data());
      }
      const auto records = read_records(valid->batch);
      const auto before = read_records(*RecordBatch::first(sent));
      ASSERT_TRUE(records.has_value());
      ASSERT_EQ(records->size(), before->size());
      for (std::size_t i = 0; i < records->size(); ++i) {
        EXPECT_EQ((*records)[i].offset, (*before)[i].offset);
        EXPECT_EQ((*records)[i].timestamp, (*before)[i].timestamp);
        EXPECT_EQ((*records)[i].key, (*before)[i].key);
        EXPECT_EQ((*records)[i].value, (*before)[i].value);
        ASSERT_EQ((*records)[i].headers.size(), (*before)[i].headers.size());
        for (std::size_t h = 0; h < (*records)[i].headers.size(); ++h) {
          EXPECT_EQ((*records)[i].headers[h].key, (*before)[i].headers[h].key);
          EXPECT_EQ((*records)[i].headers[h].value, (*before)[i].headers[h].value);
        }
      }
    }
  }
}

TEST(BatchValidation, ABatchThatIsWrittenAnewKeepsItsTransactionAndGetsTheBrokersTime) {
  const Slice sent = with_field(with_producer(three_records(Codec::gzip), ProducerId{7}, ProducerEpoch{0}, Sequence{0}),
                                attributes_at, std::int16_t{0x11});

  const auto valid = judge(sent, topic({{"message.timestamp.type", "LogAppendTime"}, {"compression.type", "uncompressed"}}));

  ASSERT_TRUE(valid.has_value());
  EXPECT_EQ(valid->batch.header().attributes, 0x18);
  EXPECT_EQ(valid->batch.header().max_timestamp, now);
  EXPECT_TRUE(valid->batch.crc_matches());
}

TEST(BatchValidation, TheLevelIsTheTopics) {
  BatchBuilder builder(Codec::none);
  std::string text;
  for (int i = 0; i < 20'000; ++i) text += std::to_string(i * i % 997);
  builder.append({.timestamp = now, .key = std::nullopt, .value = text, .headers = {}});
  const RecordBatch sent = *RecordBatch::first(builder.seal());
  BatchValidator validator;
  const auto size_at = [&](const std::string& level) {
    const TopicConfig config = topic({{"compression.type", "gzip"}, {"compression.gzip.level", level}});
    return validator.validate(sent, config, AppendOrigin::client, now)->batch.size();
  };
  const std::size_t fast = size_at("1");

  EXPECT_LT(size_at("9"), fast);
  EXPECT_EQ(size_at("1"), fast) << "topics of several levels may take turns";
}

TEST(BatchValidation, ACoordinatorMayWriteControlRecordsAndTheyStayUncompressed) {
  const Slice control = with_field(with_producer(three_records(Codec::none), ProducerId{7}, ProducerEpoch{0}, Sequence{}),
                                   attributes_at, std::int16_t{0x30});
  const TopicConfig zstd = topic({{"compression.type", "zstd"}});
  BatchValidator validator;

  const auto valid = validator.validate(*RecordBatch::first(control), zstd, AppendOrigin::coordinator, now);

  ASSERT_TRUE(valid.has_value());
  EXPECT_EQ(valid->batch.bytes(), control);
  EXPECT_EQ(code_of(control), ErrorCode::invalid_record);
}

TEST(BatchValidation, AValidatorJudgesEachBatchAsIfItWereTheFirst) {
  BatchValidator validator;
  const auto code = [&](const Slice& records, const TopicConfig& config) {
    const auto valid = validator.validate(*RecordBatch::first(records), config, AppendOrigin::client, now);
    return valid ? ErrorCode::none : valid.error().code;
  };
  for (int round = 0; round < 3; ++round) {
    for (const Codec codec : every_codec) {
      const Slice good = three_records(codec);
      EXPECT_EQ(code(good, {}), ErrorCode::none);
      EXPECT_EQ(code(good, topic({{"compression.type", "gzip"}, {"compression.gzip.level", std::to_string(round + 1)}})),
                ErrorCode::none);
      if (codec == Codec::none) continue;
      const Slice cut = with_records(codec, 1, "0c 00 00 00 01 01");
      EXPECT_EQ(code(cut, {}), ErrorCode::invalid_record);
      const Slice corrupt = with_field(good, good.size() - 4, std::int32_t{-1});
      EXPECT_NE(code(corrupt, {}), ErrorCode::none) << name(codec);
    }
  }
}

TEST(BatchValidation, ADecompressionBombIsRefused) {
  const std::string zeros(max_decompressed_batch + 1, '\0');
  Bytes bomb(three_records(Codec::zstd).part(0, batch_header_size));
  bomb.append(compress(Codec::zstd, std::as_bytes(std::span(zeros))));
  auto bytes = bytes_of(bomb.flatten());
  store_big_endian(bytes.data() + batch_length_at, static_cast<std::int32_t>(bytes.size() - batch_prefix_size));

  const auto refused = judge(with_right_checksum(std::move(bytes)));

  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code, ErrorCode::unknown_server_error);
  EXPECT_THAT(refused.error().message, HasSubstr("expands beyond"));
}

TEST(BatchValidation, WhatIsRefusedIsSaidInWords) {
  const Slice good = three_records(Codec::none);
  for (const Slice& bad : {Slice{}, good.part(0, 30), with_field(good, magic_at, std::int8_t{1}),
                           with_field(good, attributes_at, std::int16_t{5}), with_field(good, attributes_at, std::int16_t{1}),
                           with_field(good, records_count_at, -1), with_field(good, base_offset_at, std::int64_t{4})}) {
    EXPECT_FALSE(judge(bad).error().message.empty());
  }
}

}  // namespace
}  // namespace acklab::broker
