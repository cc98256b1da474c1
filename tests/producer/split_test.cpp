#include "producer/split.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "protocol/records/record_batch.h"

namespace acklab::producer {
namespace {

using protocol::BatchBuilder;
using protocol::Codec;
using protocol::NewRecord;
using protocol::Sequence;

// A sealed batch of records whose values have these sizes; record i has the number 100 + i and its timestamp is i.
Batch batch_of(const std::vector<std::size_t>& sizes, Codec codec = Codec::none) {
  Batch batch;
  batch.number = 7;
  batch.memory = 1000;
  batch.attempts = 2;
  batch.retries = 1;
  batch.builder.emplace(codec);
  for (std::size_t i = 0; i < sizes.size(); ++i) {
    const std::string value(sizes[i], static_cast<char>('a' + i % 26));
    const NewRecord::Header header{"h", "v"};
    batch.builder->append({.timestamp = static_cast<std::int64_t>(i), .key = "key", .value = value, .headers = {&header, 1}});
    batch.records.push_back({nullptr, {}, 100 + i});
  }
  batch.write();
  return batch;
}

std::vector<std::unique_ptr<Batch>> pieces_of(Batch& batch, std::size_t batch_size, Codec codec = Codec::none) {
  std::uint64_t last = 50;
  return split(batch, batch_size, codec, [&] { return ++last; });
}

std::vector<protocol::Record> records_in(const Batch& batch) {
  return protocol::read_records(protocol::RecordBatch::first(batch.bytes).value()).value();
}

TEST(Split, PiecesHaveAllRecordsInTheirOrderAndFitIntoABatch) {
  Batch big = batch_of(std::vector<std::size_t>(40, 100));

  const auto pieces = pieces_of(big, 1000);

  ASSERT_GT(pieces.size(), 4U);
  std::int64_t record = 0;
  std::uint64_t number = 50;
  std::size_t memory = 0;
  for (const auto& piece : pieces) {
    EXPECT_EQ(piece->number, ++number);
    EXPECT_LE(piece->size(), 1000U);
    EXPECT_EQ(piece->attempts, 2);
    EXPECT_EQ(piece->retries, 1) << "a split is no retry";
    memory += piece->memory;
    const auto records = records_in(*piece);
    ASSERT_EQ(records.size(), piece->records.size());
    for (std::size_t i = 0; i < records.size(); ++i, ++record) {
      EXPECT_EQ(records[i].timestamp, record);
      EXPECT_EQ(records[i].key->text(), "key");
      EXPECT_EQ(records[i].headers.at(0).key, "h");
      EXPECT_EQ(piece->records[i].number, 100U + static_cast<std::uint64_t>(record));
    }
  }
  EXPECT_EQ(record, 40);
  EXPECT_EQ(memory, 1000U) << "what the batch took of buffer.memory is given back, no more and no less";
}

TEST(Split, APieceThatIsStillTooLargeGoesOnInPiecesOfHalfItsSize) {
  Batch big = batch_of(std::vector<std::size_t>(10, 100));
  const std::size_t size = big.size();
  big.is_piece = true;

  for (const auto& piece : pieces_of(big, 100000)) EXPECT_LE(piece->size(), size / 2);
}

TEST(Split, SoDoesABatchThatIsNotLargerThanBatchSize) {
  Batch big = batch_of(std::vector<std::size_t>(10, 100));
  const std::size_t size = big.size();

  for (const auto& piece : pieces_of(big, 16384)) EXPECT_LE(piece->size(), size / 2);
}

TEST(Split, AlwaysMakesAtLeastTwo) {
  for (const auto& sizes :
       std::vector<std::vector<std::size_t>>{{0, 0}, {1, 5000}, {5000, 1}, std::vector<std::size_t>(200, 0)}) {
    for (const std::size_t batch_size : {0, 61, 70, 5100, 100000}) {
      Batch big = batch_of(sizes);
      EXPECT_GE(pieces_of(big, batch_size).size(), 2U) << sizes.size() << " records, batch.size " << batch_size;
    }
  }
}

TEST(Split, PiecesShareTheSequencesOfTheWhole) {
  Batch big = batch_of({100, 100, 100, 100});
  big.identity = {{{9}, {3}}, Sequence{2147483646}};
  big.write();
  big.is_piece = true;

  const auto pieces = pieces_of(big, 1);

  ASSERT_EQ(pieces.size(), 4U);
  const auto header = protocol::RecordBatch::first(pieces[2]->bytes)->header();
  EXPECT_EQ(pieces[0]->identity.base_sequence, Sequence{2147483646});
  EXPECT_EQ(pieces[1]->identity.base_sequence, Sequence{2147483647});
  EXPECT_EQ(header.base_sequence, Sequence{0}) << "they wrap as sequences do";
  EXPECT_EQ(header.producer_id.value, 9);
  EXPECT_EQ(header.producer_epoch.value, 3);
}

TEST(Split, CompressedRecordsAreCompressedAgain) {
  Batch big = batch_of(std::vector<std::size_t>(40, 1000), Codec::lz4);

  const auto pieces = pieces_of(big, 10000, Codec::lz4);

  ASSERT_GE(pieces.size(), 4U);
  EXPECT_EQ(protocol::RecordBatch::first(pieces[0]->bytes)->header().codec_bits(), 3);
}

}  // namespace
}  // namespace acklab::producer
