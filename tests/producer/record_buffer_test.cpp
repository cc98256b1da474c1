#include "producer/record_buffer.h"

#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <vector>

#include "protocol/records/record_batch.h"

namespace acklab::producer {
namespace {

using namespace std::chrono_literals;
using protocol::Sequence;
using protocol::Time;

constexpr Leader leader{{1}, {0}};
constexpr Leader next_leader{{2}, {1}};
constexpr Time start{};

ProducerConfig plain(int max_in_flight = 5) {
  ProducerConfig config;
  config.enable_idempotence = false;
  config.max_in_flight = max_in_flight;
  return config;
}

ProducerConfig idempotent() { return {}; }

// A buffer with a clock and batch numbers, and batches of one record each.
struct Bench {
  explicit Bench(ProducerConfig of = plain()) : config(of), buffer(config, estimate) {
    if (config.enable_idempotence) buffer.start({{7}, {0}});
  }

  void add(std::size_t value_bytes = 10) {
    const std::string value(value_bytes, 'x');
    const protocol::NewRecord record{.timestamp = 0, .key = std::nullopt, .value = value, .headers = {}};
    if (!buffer.has_room_for(upper_bound_of(record))) {
      if (Batch* full = buffer.newest_open()) full->seal(compressor);
      buffer.open(++last_batch, now, config.batch_size);
    }
    buffer.append(record, {nullptr, now, ++last_record});
  }
  // A batch of its own, sealed.
  void add_batch() {
    if (Batch* newest = buffer.newest_open()) newest->seal(compressor);
    buffer.open(++last_batch, now, config.batch_size);
    add();
    buffer.newest_open()->seal(compressor);
  }
  bool ready(const Leader& to = leader) { return buffer.sendable_at(urgency, to) <= now; }
  Batch& take() {
    if (buffer.oldest().open()) buffer.oldest().seal(compressor);
    return buffer.take(leader);
  }
  // An idempotent producer sends only one batch to a partition that does not know it yet.
  void introduce() {
    add_batch();
    buffer.release_acknowledged(take());
  }
  std::vector<std::uint64_t> take_all_ready() {
    std::vector<std::uint64_t> taken;
    while (ready()) taken.push_back(take().number);
    return taken;
  }

  ProducerConfig config;
  CompressionEstimate estimate{config.compression};
  RecordBuffer buffer;
  protocol::Compressor compressor{config.compression};
  Urgency urgency;
  Time now = start;
  std::uint64_t last_batch = 0;
  std::uint64_t last_record = 0;
};

TEST(RecordBuffer, ABatchIsReadyWhenLingerHasPassed) {
  Bench bench;
  EXPECT_EQ(bench.buffer.sendable_at({}, leader), never);

  bench.add();
  bench.now += 2ms;
  bench.add();

  EXPECT_EQ(bench.buffer.sendable_at({}, leader), start + 5ms) << "counted from the first record";
}

TEST(RecordBuffer, AFullBatchIsReadyAtOnce) {
  Bench bench;
  bench.add(9000);
  EXPECT_FALSE(bench.ready());

  bench.add(9000);

  EXPECT_TRUE(bench.ready());
  EXPECT_EQ(bench.take().count(), 1);
  EXPECT_FALSE(bench.ready()) << "the second batch lingers";
}

TEST(RecordBuffer, ARecordLargerThanABatchIsABatchOfItsOwn) {
  Bench bench;

  bench.add(100000);

  EXPECT_TRUE(bench.ready());
  EXPECT_EQ(bench.take().count(), 1);
}

TEST(RecordBuffer, ATriggerMakesABatchReadyAndDoesNotCloseIt) {
  ProducerConfig config = plain();
  config.ready_messages = 3;
  config.linger = 0ms;
  Bench bench(config);

  bench.add();
  bench.add();
  EXPECT_GT(bench.buffer.sendable_at({}, leader), start + 24h) << "no time is a trigger";
  bench.add();
  EXPECT_TRUE(bench.ready());
  bench.add();

  EXPECT_EQ(bench.take().count(), 4);
}

TEST(RecordBuffer, BytesAreATriggerToo) {
  ProducerConfig config = plain();
  config.ready_bytes = 2000;
  Bench bench(config);

  bench.add(1000);
  EXPECT_EQ(bench.buffer.sendable_at({}, leader), start + 5ms) << "whichever comes first";
  bench.add(1000);

  EXPECT_TRUE(bench.ready());
}

TEST(RecordBuffer, NoBatchHasMoreRecordsThanTheCap) {
  ProducerConfig config = plain();
  config.batch_num_messages = 2;
  Bench bench(config);

  for (int i = 0; i < 3; ++i) bench.add();

  EXPECT_TRUE(bench.ready());
  EXPECT_EQ(bench.take().count(), 2);
  EXPECT_FALSE(bench.ready()) << "the third record lingers";
}

TEST(RecordBuffer, FlushAndScarceMemoryDoNotLinger) {
  Bench bench;
  bench.add();

  bench.urgency = {.flush_before = bench.last_record};
  EXPECT_FALSE(bench.ready()) << "sent after the flush";
  bench.urgency = {.flush_before = bench.last_record + 1};
  EXPECT_TRUE(bench.ready());
  bench.urgency = {.memory_exhausted = true};
  EXPECT_TRUE(bench.ready());
}

TEST(RecordBuffer, ABatchIsSealedWithItsRecords) {
  Bench bench;
  bench.add();
  bench.add();

  const Batch& batch = bench.take();

  const auto sealed = protocol::RecordBatch::first(batch.bytes);
  ASSERT_TRUE(sealed);
  EXPECT_EQ(sealed->header().records_count, 2);
  EXPECT_FALSE(sealed->header().idempotent());
}

TEST(RecordBuffer, ARetriedBatchWaitsForItsBackOffAndHoldsUpTheRest) {
  Bench bench;
  bench.add_batch();
  bench.add_batch();
  Batch& batch = bench.take();

  bench.buffer.put_back(batch, start + 100ms);

  EXPECT_EQ(bench.buffer.sendable_at({}, leader), start + 100ms);
  EXPECT_TRUE(bench.ready(next_leader)) << "a new leader has nothing to recover from";
  bench.now += 100ms;
  EXPECT_EQ(bench.take().number, 1u);
  EXPECT_EQ(bench.take().number, 2u);
}

TEST(RecordBuffer, WithOneInFlightNothingPassesIt) {
  Bench bench(plain(1));
  bench.add_batch();
  bench.add_batch();

  Batch& first = bench.take();
  EXPECT_FALSE(bench.ready());
  bench.buffer.put_back(first, start);

  EXPECT_EQ(bench.take().number, 1u);
}

TEST(RecordBuffer, WithoutSequencesAPipelineThatGoesBackIsReordered) {
  Bench bench;
  bench.add_batch();
  bench.add_batch();
  Batch& first = bench.take();
  Batch& second = bench.take();

  bench.buffer.put_back(first, start);
  bench.buffer.put_back(second, start);

  EXPECT_EQ(bench.take_all_ready(), (std::vector<std::uint64_t>{2, 1}));
}

TEST(RecordBuffer, RetriedBatchesKeepTheirSequence) {
  Bench bench(idempotent());
  bench.introduce();
  bench.add_batch();
  Batch& batch = bench.take();
  const BatchIdentity name = batch.identity;
  const protocol::Slice bytes = batch.bytes;

  bench.buffer.put_back(batch, start);
  const Batch& again = bench.take();

  EXPECT_EQ(again.identity, name);
  EXPECT_EQ(again.bytes, bytes);
  const auto sent = protocol::RecordBatch::first(again.bytes);
  EXPECT_EQ(sent->header().base_sequence, Sequence{1});
  EXPECT_TRUE(sent->crc_matches());
}

TEST(RecordBuffer, RetriedBatchesLineUpBySequenceAndGoOneByOne) {
  Bench bench(idempotent());
  bench.introduce();
  for (int i = 0; i < 4; ++i) bench.add_batch();
  std::vector<Batch*> batches;
  for (int i = 0; i < 3; ++i) batches.push_back(&bench.take());

  for (const int i : {1, 0, 2}) bench.buffer.put_back(*batches[static_cast<std::size_t>(i)], start);

  EXPECT_EQ(bench.take_all_ready(), (std::vector<std::uint64_t>{2})) << "batches 3, 4 and 5 wait for its outcome";
  bench.buffer.release_acknowledged(*bench.buffer.in_flight(2));
  EXPECT_EQ(bench.take_all_ready(), (std::vector<std::uint64_t>{3}));
}

TEST(RecordBuffer, FiveBatchesMayBeUnsettledAndNoMore) {
  Bench bench(idempotent());
  bench.introduce();
  for (int i = 0; i < 7; ++i) bench.add_batch();

  EXPECT_EQ(bench.take_all_ready().size(), 5u);
}

TEST(RecordBuffer, ABatchThatIsRefusedForGoodLetsTheOthersGoOnInANewEpoch) {
  Bench bench(idempotent());
  bench.introduce();
  for (int i = 0; i < 3; ++i) bench.add_batch();
  bench.take_all_ready();

  // 2 is refused, so the broker misses it when 3 and 4 come.
  bench.buffer.release_given_up(*bench.buffer.in_flight(2));
  bench.buffer.put_back(*bench.buffer.in_flight(3), start);
  EXPECT_FALSE(bench.buffer.wants_identity()) << "4 has no outcome yet";
  bench.buffer.put_back(*bench.buffer.in_flight(4), start);
  ASSERT_TRUE(bench.buffer.wants_identity());
  bench.buffer.start({{7}, {1}});

  EXPECT_EQ(bench.take().identity, (BatchIdentity{{{7}, {1}}, Sequence{0}}));
  bench.buffer.release_acknowledged(*bench.buffer.in_flight(3));
  EXPECT_EQ(bench.take().identity, (BatchIdentity{{{7}, {1}}, Sequence{1}}));
}

TEST(RecordBuffer, ABatchInDoubtKeepsItsNameAcrossAGap) {
  Bench bench(idempotent());
  bench.introduce();
  for (int i = 0; i < 3; ++i) bench.add_batch();
  bench.take_all_ready();
  Batch& doubtful = *bench.buffer.in_flight(2);
  doubtful.indefinite = true;

  // P11: 2 may have been appended; 3 is refused for good; 4 is refused because it came after 3.
  bench.buffer.put_back(doubtful, start);
  bench.buffer.release_given_up(*bench.buffer.in_flight(3));
  bench.buffer.put_back(*bench.buffer.in_flight(4), start);

  EXPECT_FALSE(bench.buffer.wants_identity());
  EXPECT_EQ(bench.take_all_ready(), (std::vector<std::uint64_t>{2}));
  EXPECT_EQ(bench.buffer.in_flight(2)->identity, (BatchIdentity{{{7}, {0}}, Sequence{1}}));
  bench.buffer.release_acknowledged(*bench.buffer.in_flight(2));
  EXPECT_TRUE(bench.buffer.wants_identity());
}

TEST(RecordBuffer, ABatchInDoubtGoesBeforeThoseThatLostTheirNames) {
  Bench bench(idempotent());
  bench.introduce();
  for (int i = 0; i < 3; ++i) bench.add_batch();
  bench.take_all_ready();
  bench.buffer.in_flight(4)->indefinite = true;

  bench.buffer.put_back(*bench.buffer.in_flight(4), start);
  bench.buffer.put_back(*bench.buffer.in_flight(3), start);
  bench.buffer.release_given_up(*bench.buffer.in_flight(2));

  EXPECT_EQ(bench.take_all_ready(), (std::vector<std::uint64_t>{4})) << "else 3 would wait for 4, and 4 for 3";
  bench.buffer.release_given_up(*bench.buffer.in_flight(4));
  EXPECT_TRUE(bench.buffer.wants_identity());
}

TEST(RecordBuffer, ARenamedBatchIsSentAgainUnderItsNewName) {
  Bench bench(idempotent());
  bench.introduce();
  bench.add_batch();

  bench.buffer.put_back_unnamed(bench.take(), start);
  ASSERT_TRUE(bench.buffer.wants_identity());
  EXPECT_FALSE(bench.ready());
  bench.buffer.start({{7}, {1}});

  EXPECT_EQ(bench.take().identity, (BatchIdentity{{{7}, {1}}, Sequence{0}}));
}

TEST(RecordBuffer, NothingOutlivesItsDeliveryTimeout) {
  Bench bench(idempotent());
  bench.introduce();
  bench.add_batch();
  bench.take();
  bench.now += 10s;
  bench.add_batch();
  EXPECT_EQ(bench.buffer.expires_at(), start + 120s);

  const auto expired = bench.buffer.expire(start + 120s);

  ASSERT_EQ(expired.size(), 1u);
  EXPECT_EQ(expired[0]->number, 2u);
  EXPECT_TRUE(expired[0]->indefinite) << "it was in flight";
  EXPECT_EQ(bench.buffer.in_flight(2), nullptr);
  EXPECT_EQ(bench.buffer.expires_at(), start + 130s);
  EXPECT_TRUE(bench.buffer.wants_identity()) << "its sequence may be missing";
}

TEST(RecordBuffer, WhatWasNeverDrainedExpiresWithoutDoubt) {
  Bench bench;
  bench.add();

  EXPECT_TRUE(bench.buffer.expire(start + 119s).empty());
  const auto expired = bench.buffer.expire(start + 120s);

  ASSERT_EQ(expired.size(), 1u);
  EXPECT_FALSE(expired[0]->indefinite);
  EXPECT_EQ(bench.buffer.expires_at(), never);
}

}  // namespace
}  // namespace acklab::producer
