// What readers and producers may do with the transactions that are in a partition's log.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/broker/a_partition.h"
#include "tests/storage/batch_makers.h"

namespace acklab::broker {
namespace {

using protocol::Acks;
using protocol::ErrorCode;
using testing::ElementsAre;

// What a log holds that comes from elsewhere: of two transactions the first is aborted, the second undecided.
class ATransactionalPartition : public APartition {
 protected:
  ATransactionalPartition() {
    state.leader = second;
    decide();
    const std::vector<protocol::RecordBatch> batches = {
        storage::batch_of(1),       storage::in_transaction(storage::batch_of(1, "a", aborted)),   storage::batch_of(1),
        storage::abort_of(aborted), storage::in_transaction(storage::batch_of(1, "b", undecided)), storage::batch_of(1)};
    std::int64_t offset = 0;
    for (const protocol::RecordBatch& batch : batches) hear(storage::numbered(batch, {offset++}, {5}), 0);
  }

  void hear(const protocol::RecordBatch& batch, std::int64_t high_watermark) {
    ASSERT_EQ(partition->replicate(batch.bytes(), {.start = {0}, .high_watermark = {high_watermark}}, {5}), ErrorCode::none);
  }
  void hear_high_watermark(std::int64_t high_watermark) {
    ASSERT_EQ(partition->replicate({}, {.start = {0}, .high_watermark = {high_watermark}}, {5}), ErrorCode::none);
  }
  void lead_alone() {
    state.leader = self;
    state.isr = state.replicas = {self};
    state.leader_epoch = {6};
    state.partition_epoch = {10};
    decide();
  }
  ReadAnswer read(Isolation isolation, std::int64_t from = 0) {
    return partition->read({.reader = reader(isolation), .from = {from}, .max_bytes = 1 << 20});
  }
  static Reader reader(Isolation isolation) { return {.follower_may_answer = true, .isolation = isolation}; }
  static std::size_t batches(const ReadAnswer& answer) { return protocol::split_batches(answer.records)->size(); }

  static constexpr storage::Producer aborted{.id = 7, .epoch = 0, .sequence = 0};
  static constexpr storage::Producer undecided{.id = 9, .epoch = 0, .sequence = 0};
};

TEST_F(ATransactionalPartition, ReadersOfCommittedDataStopBeforeTheUndecidedAndAreToldOfTheAborted) {
  hear_high_watermark(6);

  const ReadAnswer committed = read(Isolation::read_committed);
  const ReadAnswer all = read(Isolation::read_uncommitted);

  EXPECT_EQ(batches(committed), 4U);
  EXPECT_EQ(committed.high_watermark.value, 6);
  EXPECT_EQ(committed.last_stable_offset.value, 4);
  ASSERT_TRUE(committed.aborted.has_value());
  EXPECT_THAT(*committed.aborted, ElementsAre(storage::AbortedTransaction{7, {1}, {3}, {4}}));
  EXPECT_EQ(batches(all), 6U);
  EXPECT_EQ(all.last_stable_offset.value, 4);
  EXPECT_FALSE(all.aborted.has_value());
}

TEST_F(ATransactionalPartition, AnAbortCountsOnceItsMarkerIsCommitted) {
  hear_high_watermark(3);
  EXPECT_EQ(read(Isolation::read_committed).last_stable_offset.value, 1);

  hear_high_watermark(4);
  EXPECT_EQ(read(Isolation::read_committed).last_stable_offset.value, 4);
}

TEST_F(ATransactionalPartition, AReaderOfCommittedDataHasNoNewsUntilTheTransactionEnds) {
  hear_high_watermark(6);
  EXPECT_FALSE(partition->has_news_for({.reader = reader(Isolation::read_committed), .from = {4}}));
  EXPECT_TRUE(partition->has_news_for({.reader = reader(Isolation::read_uncommitted), .from = {4}}));

  hear(storage::numbered(storage::commit_of(undecided), {6}, {5}), 7);

  EXPECT_TRUE(partition->has_news_for({.reader = reader(Isolation::read_committed), .from = {4}}));
  EXPECT_EQ(batches(read(Isolation::read_committed, 4)), 3U);
  EXPECT_THAT(*read(Isolation::read_committed, 4).aborted, testing::IsEmpty());
}

TEST_F(ATransactionalPartition, TheLatestCommittedOffsetIsTheLastStableOne) {
  lead_alone();

  EXPECT_EQ(partition->latest(reader(Isolation::read_committed), {})->offset.value, 4);
  EXPECT_EQ(partition->latest(reader(Isolation::read_uncommitted), {})->offset.value, 6);
  EXPECT_EQ(partition->at_time(1000, reader(Isolation::read_committed), {})->offset.value, 0);
}

TEST_F(ATransactionalPartition, AProducerGoesOnWithItsTransactionAndNobodyOpensOne) {
  lead_alone();
  const auto append = [&](const protocol::RecordBatch& batch) {
    const auto appended = partition->append({batch}, Acks::leader, {});
    return appended ? ErrorCode::none : appended.error();
  };
  const auto next = [](storage::Producer producer, std::int32_t sequence) {
    producer.sequence = sequence;
    return storage::batch_of(1, "next", producer);
  };

  EXPECT_EQ(append(storage::in_transaction(next(undecided, 1))), ErrorCode::none);
  EXPECT_EQ(append(next(undecided, 2)), ErrorCode::invalid_txn_state) << "it is in a transaction";
  EXPECT_EQ(append(storage::in_transaction(next(aborted, 1))), ErrorCode::invalid_txn_state) << "no coordinator told of one";
  EXPECT_EQ(append(next(aborted, 1)), ErrorCode::none);
  EXPECT_EQ(append(storage::in_transaction(next({.id = 11, .epoch = 0}, 0))), ErrorCode::invalid_txn_state) << "of a stranger";
}

}  // namespace
}  // namespace acklab::broker
