#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "protocol/records/batch_builder.h"
#include "protocol/records/batch_layout.h"
#include "protocol/records/crc32c.h"
#include "protocol/records/record_batch.h"
#include "protocol/wire/big_endian.h"
#include "tests/protocol/hex.h"
#include "tests/protocol/record_vectors.h"

namespace acklab::protocol {
namespace {

constexpr std::int16_t newest_produce = 9;

ErrorCode code_of(const Slice& records, std::int16_t produce_version = newest_produce) {
  const auto batch = validate_produced(records, produce_version);
  return batch ? ErrorCode::none : batch.error();
}

std::vector<std::byte> bytes_of(const Slice& slice) { return {slice.view().begin(), slice.view().end()}; }

// A batch whose checksum is right, whatever was changed.
Slice with_right_checksum(std::vector<std::byte> batch) {
  store_big_endian(batch.data() + crc_at, crc32c(std::span(batch).subspan(attributes_at)));
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

TEST(ValidateProduced, AcceptsWhatOurBuilderSealsInEveryCodec) {
  for (const Codec codec : {Codec::none, Codec::gzip, Codec::snappy, Codec::lz4, Codec::zstd}) {
    const Slice sent = three_records(codec);

    const auto batch = validate_produced(sent, newest_produce);

    ASSERT_TRUE(batch.has_value()) << name(codec);
    EXPECT_EQ(batch->bytes().data(), sent.data()) << "copied";
    EXPECT_EQ(batch->size(), sent.size());
  }
}

TEST(ValidateProduced, AcceptsKnownBatchesOfClients) {
  for (const auto hex : {vectors::one_record, vectors::one_header, vectors::in_none, vectors::in_gzip, vectors::in_snappy_xerial,
                         vectors::in_raw_snappy, vectors::in_lz4, vectors::in_zstd, vectors::idempotent}) {
    EXPECT_EQ(code_of(from_hex(hex)), ErrorCode::none) << hex;
  }
}

TEST(ValidateProduced, RefusesAWrongHeaderWithTheCodeThatKafkaGives) {
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

TEST(ValidateProduced, RefusesRecordsThatDoNotFillTheirFrameExactly) {
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

TEST(ValidateProduced, OffsetsThatSkipOrRepeatAreRefusedOnlyInACompressedBatch) {
  for (const char* hex : {"0c 00 00 00 01 01 00  0c 00 00 04 01 01 00", "0c 00 00 00 01 01 00  0c 00 00 00 01 01 00"}) {
    EXPECT_EQ(code_of(with_records(Codec::none, 2, hex)), ErrorCode::none);
    EXPECT_EQ(code_of(with_records(Codec::lz4, 2, hex)), ErrorCode::invalid_record);
  }
}

TEST(ValidateProduced, ZstdNeedsProduceSeven) {
  EXPECT_EQ(code_of(three_records(Codec::zstd), 6), ErrorCode::unsupported_compression_type);
  EXPECT_EQ(code_of(three_records(Codec::zstd), 7), ErrorCode::none);
  EXPECT_EQ(code_of(three_records(Codec::lz4), 3), ErrorCode::none);
}

TEST(ValidateProduced, OneBatchAndNoMore) {
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

  const auto kept = validate_produced(followed_by(from_hex("0102")), newest_produce);
  EXPECT_EQ(kept->bytes(), batch);
}

TEST(ValidateProduced, CorrectsAMaxTimestampThatTheRecordsContradict) {
  const Slice wrong = with_field(three_records(Codec::gzip), max_timestamp_at, std::int64_t{0});

  const auto batch = validate_produced(wrong, newest_produce);

  ASSERT_TRUE(batch.has_value());
  EXPECT_EQ(batch->header().max_timestamp, 1700000000009);
  EXPECT_TRUE(batch->crc_matches());
  EXPECT_EQ(batch->bytes(), three_records(Codec::gzip));
}

TEST(ValidateProduced, RecordsWithoutTimestampHaveNoMaximum) {
  BatchBuilder builder(Codec::none);
  builder.append({.timestamp = -1, .key = "k", .value = "v", .headers = {}});

  const auto batch = validate_produced(builder.seal(), newest_produce);

  ASSERT_TRUE(batch.has_value());
  EXPECT_EQ(batch->header().max_timestamp, -1);
}

TEST(ValidateProduced, RefusesABatchCutAtAnyByte) {
  for (const auto hex : vectors::all_batches) {
    const Slice whole = from_hex(hex);
    for (std::size_t size = 0; size < whole.size(); ++size) {
      const ErrorCode code = code_of(whole.part(0, size));
      ASSERT_EQ(code, size < batch_prefix_size ? ErrorCode::invalid_record : ErrorCode::corrupt_message) << size << " " << hex;
    }
  }
}

TEST(ValidateProduced, RefusesAnyChangedBitButThoseOfTheLeaderEpoch) {
  for (const Codec codec : {Codec::none, Codec::gzip, Codec::snappy, Codec::lz4, Codec::zstd}) {
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
TEST(ValidateProduced, NoChangedByteUnderARightChecksumMakesItCrash) {
  for (const Codec codec : {Codec::none, Codec::gzip, Codec::snappy, Codec::lz4, Codec::zstd}) {
    const Slice whole = three_records(codec);
    for (std::size_t at = attributes_at; at < whole.size(); ++at) {
      for (int flip = 1; flip < 256; flip = 2 * flip + 1) {
        auto bad = bytes_of(whole);
        bad[at] ^= std::byte(flip);
        if (const auto batch = validate_produced(with_right_checksum(std::move(bad)), newest_produce)) {
          EXPECT_TRUE(batch->crc_matches());
          EXPECT_TRUE(read_records(*batch).has_value());
        }
      }
    }
  }
}

}  // namespace
}  // namespace acklab::protocol
