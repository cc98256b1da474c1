#include "protocol/records/batch_builder.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/protocol/hex.h"
#include "tests/protocol/record_vectors.h"

namespace acklab::protocol {
namespace {

constexpr Codec every_codec[] = {Codec::none, Codec::gzip, Codec::snappy, Codec::lz4, Codec::zstd};

TEST(BatchBuilder, WritesTheBytesOfTheKnownIdempotentBatch) {
  const NewRecord::Header headers[] = {{"h", "x"}, {"n", std::nullopt}};
  BatchBuilder builder(Codec::none);

  builder.append({.timestamp = 1700000000000, .key = "k1", .value = "v1", .headers = {}});
  builder.append({.timestamp = 1700000000005, .key = std::nullopt, .value = "v2", .headers = {}});
  builder.append({.timestamp = 1700000000009, .key = "k3", .value = std::nullopt, .headers = headers});
  const Slice sealed = builder.seal();
  const Slice batch = with_producer(sealed, ProducerId{4000}, ProducerEpoch{7}, Sequence{2147483646});

  EXPECT_EQ(to_hex(batch), vectors::idempotent);
  EXPECT_EQ(builder.records(), 3);
  EXPECT_EQ(builder.uncompressed_size(), sealed.size());
}

TEST(BatchBuilder, WritesWhatABrokerStoredButForTheLeadersFields) {
  BatchBuilder builder(Codec::none);
  builder.append({.timestamp = 1503229838908, .key = std::nullopt, .value = "123", .headers = {}});
  const RecordBatch stored = *RecordBatch::first(from_hex(vectors::one_record));

  const auto batch = RecordBatch::first(builder.seal());

  ASSERT_TRUE(batch.has_value());
  EXPECT_EQ(batch->bytes().from(16), stored.bytes().from(16));
  EXPECT_EQ(batch->header().leader_epoch, LeaderEpoch{-1});
}

TEST(BatchBuilder, WhatWasAppendedIsReadBackInEveryCodec) {
  for (const Codec codec : every_codec) {
    BatchBuilder builder(codec);
    std::vector<std::string> values;
    for (std::size_t i = 0; i < 300; ++i) values.push_back(std::string(i * 7 % 500, static_cast<char>('a' + i % 26)));
    const NewRecord::Header headers[] = {{"acklab.id", "17"}, {"", std::nullopt}};

    // Timestamps that go back make negative deltas.
    for (std::size_t i = 0; i < values.size(); ++i) {
      const auto timestamp = 1700000000000 + static_cast<std::int64_t>(i * 37 % 100) - 50;
      builder.append({.timestamp = timestamp, .key = values[i % 5], .value = values[i], .headers = headers});
    }
    const auto batch = RecordBatch::first(builder.seal());

    ASSERT_TRUE(batch.has_value()) << name(codec) << " " << batch.error().message();
    EXPECT_TRUE(batch->crc_matches());
    EXPECT_EQ(batch->header().max_timestamp, 1700000000049);
    const auto records = read_records(*batch);
    ASSERT_TRUE(records.has_value());
    ASSERT_EQ(records->size(), values.size());
    for (std::size_t i = 0; i < values.size(); ++i) {
      const Record& record = (*records)[i];
      EXPECT_EQ(record.offset, Offset{static_cast<std::int64_t>(i)});
      EXPECT_EQ(record.timestamp, 1700000000000 + static_cast<std::int64_t>(i * 37 % 100) - 50);
      EXPECT_EQ(record.key->text(), values[i % 5]);
      EXPECT_EQ(record.value->text(), values[i]);
      ASSERT_EQ(record.headers.size(), 2);
      EXPECT_EQ(record.headers[0].value->text(), "17");
      EXPECT_EQ(record.headers[1].value, std::nullopt);
    }
  }
}

TEST(BatchBuilder, NoRecordTakesMoreThanItsUpperBound) {
  const std::string large(70000, 'x');
  const NewRecord::Header headers[] = {{"key", large}, {large, std::nullopt}};
  const NewRecord records[] = {
      {},
      {.timestamp = INT64_MAX, .key = "", .value = "", .headers = {}},
      {.timestamp = -1, .key = large, .value = std::nullopt, .headers = headers},
      {.timestamp = 1700000000000, .key = "k", .value = large, .headers = {}},
  };
  BatchBuilder builder(Codec::none);

  for (const NewRecord& record : records) {
    const std::size_t before = builder.uncompressed_size();
    builder.append(record);
    EXPECT_LE(builder.uncompressed_size() - before, upper_bound_of(record));
    EXPECT_GE(builder.uncompressed_size() - before + 21, upper_bound_of(record));
  }
}

TEST(WithProducer, ChangesNothingButIdentityAndChecksum) {
  BatchBuilder builder(Codec::zstd);
  builder.append({.timestamp = 5, .key = "k", .value = "v", .headers = {}});
  const Slice sealed = builder.seal();

  const auto batch = RecordBatch::first(with_producer(sealed, ProducerId{9}, ProducerEpoch{2}, Sequence{30}));

  ASSERT_TRUE(batch.has_value());
  EXPECT_TRUE(batch->crc_matches());
  EXPECT_EQ(batch->header().producer_id, ProducerId{9});
  EXPECT_EQ(batch->header().producer_epoch, ProducerEpoch{2});
  EXPECT_EQ(batch->header().base_sequence, Sequence{30});
  EXPECT_EQ(with_producer(batch->bytes(), ProducerId{}, ProducerEpoch{}, Sequence{}), sealed);
}

}  // namespace
}  // namespace acklab::protocol
