#include "protocol/records/record_batch.h"

#include <gtest/gtest.h>

#include "protocol/records/batch_builder.h"
#include "tests/protocol/hex.h"
#include "tests/protocol/record_vectors.h"

namespace acklab::protocol {
namespace {

RecordBatch batch_of(std::string_view hex) {
  auto batch = RecordBatch::first(from_hex(hex));
  EXPECT_TRUE(batch.has_value());
  return *batch;
}

std::vector<Record> records_of(std::string_view hex) {
  auto records = read_records(batch_of(hex));
  EXPECT_TRUE(records.has_value()) << records.error().message();
  return records ? *records : std::vector<Record>{};
}

Nullable<Slice> bytes(std::string_view text) { return Slice::copy_of(text); }

TEST(RecordBatch, TheChecksumOfEveryKnownBatchMatches) {
  for (const auto hex : vectors::all_batches) {
    const RecordBatch batch = batch_of(hex);

    EXPECT_TRUE(batch.crc_matches()) << hex;
    EXPECT_EQ(batch.size(), hex.size() / 2);
  }
}

TEST(RecordBatch, ReadsEveryHeaderField) {
  const RecordBatch batch = batch_of(vectors::idempotent);
  const BatchHeader& header = batch.header();

  EXPECT_EQ(header.base_offset, Offset{0});
  EXPECT_EQ(header.batch_length, 0x55);
  EXPECT_EQ(header.leader_epoch, LeaderEpoch{-1});
  EXPECT_EQ(header.magic, 2);
  EXPECT_EQ(header.crc, 0xde9c7e08);
  EXPECT_EQ(header.attributes, 0);
  EXPECT_EQ(header.last_offset_delta, 2);
  EXPECT_EQ(header.base_timestamp, 1700000000000);
  EXPECT_EQ(header.max_timestamp, 1700000000009);
  EXPECT_EQ(header.producer_id, ProducerId{4000});
  EXPECT_EQ(header.producer_epoch, ProducerEpoch{7});
  EXPECT_EQ(header.base_sequence, Sequence{2147483646});
  EXPECT_EQ(header.last_sequence(), Sequence{0});
  EXPECT_EQ(header.records_count, 3);
  EXPECT_TRUE(header.idempotent());
  EXPECT_FALSE(header.transactional());
  EXPECT_FALSE(header.control());

  const BatchHeader marker = batch_of(vectors::commit_marker).header();

  EXPECT_EQ(marker.base_offset, Offset{42});
  EXPECT_EQ(marker.next_offset(), Offset{43});
  EXPECT_EQ(marker.leader_epoch, LeaderEpoch{3});
  EXPECT_TRUE(marker.transactional());
  EXPECT_TRUE(marker.control());
}

TEST(RecordBatch, ReadsKeysValuesHeadersAndNulls) {
  const auto records = records_of(vectors::idempotent);

  ASSERT_EQ(records.size(), 3);
  EXPECT_EQ(records[0].key, bytes("k1"));
  EXPECT_EQ(records[0].value, bytes("v1"));
  EXPECT_EQ(records[1].key, std::nullopt);
  EXPECT_EQ(records[1].value, bytes("v2"));
  EXPECT_EQ(records[1].timestamp, 1700000000005);
  EXPECT_EQ(records[2].offset, Offset{2});
  EXPECT_EQ(records[2].key, bytes("k3"));
  EXPECT_EQ(records[2].value, std::nullopt);
  ASSERT_EQ(records[2].headers.size(), 2);
  EXPECT_EQ(records[2].headers[0].key, "h");
  EXPECT_EQ(records[2].headers[0].value, bytes("x"));
  EXPECT_EQ(records[2].headers[1].key, "n");
  EXPECT_EQ(records[2].headers[1].value, std::nullopt);
}

TEST(RecordBatch, ReadsWhatABrokerStored) {
  const auto one = records_of(vectors::one_record);
  ASSERT_EQ(one.size(), 1);
  EXPECT_EQ(one[0].timestamp, 1503229838908);
  EXPECT_EQ(one[0].key, std::nullopt);
  EXPECT_EQ(one[0].value, bytes("123"));

  const auto two = records_of(vectors::two_empty_values);
  ASSERT_EQ(two.size(), 2);
  EXPECT_EQ(two[0].offset, Offset{1});
  EXPECT_EQ(two[1].offset, Offset{2});
  EXPECT_EQ(two[1].timestamp - two[0].timestamp, 168);
  EXPECT_EQ(two[1].value, bytes(""));

  const auto with_header = records_of(vectors::one_header);
  ASSERT_EQ(with_header.size(), 1);
  ASSERT_EQ(with_header[0].headers.size(), 1);
  EXPECT_EQ(with_header[0].headers[0].key, "hkey");
  EXPECT_EQ(with_header[0].headers[0].value, bytes("hval"));
}

TEST(RecordBatch, ReadsTheSameRecordInEveryCodec) {
  for (const auto hex : {vectors::in_none, vectors::in_gzip, vectors::in_snappy_xerial, vectors::in_raw_snappy, vectors::in_lz4,
                         vectors::in_zstd}) {
    const auto records = records_of(hex);

    ASSERT_EQ(records.size(), 1) << hex;
    EXPECT_EQ(records[0].timestamp, 1479847795005);
    EXPECT_EQ(records[0].key, from_hex("01020304"));
    EXPECT_EQ(records[0].value, from_hex("050607"));
    ASSERT_EQ(records[0].headers.size(), 1);
    EXPECT_EQ(records[0].headers[0].key, "\x08\x09\x0a");
    EXPECT_EQ(records[0].headers[0].value, from_hex("0b0c"));
  }
}

TEST(RecordBatch, AnEmptyBatchHasNoRecords) {
  EXPECT_TRUE(records_of(vectors::empty_batch).empty());
  EXPECT_TRUE(records_of(vectors::empty_control_batch).empty());
}

TEST(RecordBatch, ACutBatchIsNotABatch) {
  const Slice whole = from_hex(vectors::idempotent);

  for (std::size_t size = 0; size < whole.size(); ++size) {
    EXPECT_FALSE(RecordBatch::first(whole.part(0, size)).has_value()) << size;
    const auto batches = split_batches(whole.part(0, size));
    ASSERT_TRUE(batches.has_value()) << size;
    EXPECT_TRUE(batches->empty());
  }
}

TEST(SplitBatches, GivesTheWholeOnesAndLeavesOutACutOne) {
  Bytes joined(from_hex(vectors::one_record));
  joined.append(from_hex(vectors::two_empty_values));
  joined.append(from_hex(vectors::base_three).part(0, 70));

  const auto batches = split_batches(joined.flatten());

  ASSERT_TRUE(batches.has_value());
  ASSERT_EQ(batches->size(), 2);
  EXPECT_EQ((*batches)[0].bytes(), from_hex(vectors::one_record));
  EXPECT_EQ((*batches)[1].header().base_offset, Offset{1});
}

TEST(SplitBatches, SaysWhereABatchIsNoBatch) {
  Bytes joined(from_hex(vectors::one_record));
  joined.append(from_hex("00000000000000000000003b0000000001"));
  joined.append(Slice::copy_of(std::string(60, 'x')));

  const auto batches = split_batches(joined.flatten());

  ASSERT_FALSE(batches.has_value());
  EXPECT_EQ(batches.error().offset, vectors::one_record.size() / 2 + 16);
  EXPECT_EQ(batches.error().field, "magic");
}

TEST(LeaderPrefix, SetsOffsetAndEpochAndLeavesTheChecksumValid) {
  const RecordBatch sent = batch_of(vectors::idempotent);

  Bytes stored(leader_prefix(sent.header(), Offset{1234567890123}, LeaderEpoch{17}));
  stored.append(sent.bytes().from(stored.size()));
  const auto batch = RecordBatch::first(stored.flatten());

  ASSERT_TRUE(batch.has_value());
  EXPECT_EQ(batch->header().base_offset, Offset{1234567890123});
  EXPECT_EQ(batch->header().leader_epoch, LeaderEpoch{17});
  EXPECT_EQ(batch->size(), sent.size());
  EXPECT_TRUE(batch->crc_matches());
}

TEST(ReadRecords, CorruptFramingIsAnErrorWithItsPlace) {
  const Slice whole = from_hex(vectors::idempotent);
  std::vector<std::byte> bad(whole.view().begin(), whole.view().end());
  bad[batch_header_size + 11] = std::byte{0x12};  // the second record claims one byte more than it fills

  const auto records = read_records(*RecordBatch::first(Slice::copy_of(bad)));

  ASSERT_FALSE(records.has_value());
  EXPECT_EQ(records.error().field, "records[1]");
}

TEST(ReadRecords, NoChangedByteOfTheRecordsMakesItCrash) {
  for (const auto hex : vectors::all_batches) {
    const Slice whole = from_hex(hex);
    for (std::size_t at = 21; at < whole.size(); ++at) {
      for (const int flip : {0x01, 0x80, 0xff}) {
        std::vector<std::byte> bad(whole.view().begin(), whole.view().end());
        bad[at] ^= std::byte(flip);
        if (const auto batch = RecordBatch::first(Slice::copy_of(bad))) (void)read_records(*batch);
      }
    }
  }
}

}  // namespace
}  // namespace acklab::protocol
