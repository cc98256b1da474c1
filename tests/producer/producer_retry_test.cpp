// What the producer sends again, in which order, and under which name.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <vector>

#include "tests/producer/producer_bench.h"

namespace acklab::producer {
namespace {

using namespace std::chrono_literals;
using protocol::ErrorCode;
using protocol::Offset;
using protocol::Sequence;
using testing::Each;
using testing::ElementsAre;
using Kind = Outcome::Kind;

TEST(Producer, ALostAnswerMakesADuplicateWithoutIdempotence) {
  Bench bench(not_idempotent);
  bench.state.script = [](const SeenBatch& batch) { return batch.number == 1 ? close_after_append() : Reaction{}; };

  bench.send("a");
  ASSERT_TRUE(bench.run_until_all_told(10s));

  EXPECT_EQ(bench.told[0].outcome.kind, Kind::acked);
  EXPECT_EQ(bench.told[0].outcome.attempts, 2);
  EXPECT_EQ(bench.partition("orders").values, (std::vector<std::string>{"a", "a"}));
}

TEST(Producer, ALostAnswerMakesNoDuplicateWithIdempotence) {
  Bench bench;
  bench.state.script = [](const SeenBatch& batch) { return batch.number == 1 ? close_after_append() : Reaction{}; };

  bench.send("a");
  ASSERT_TRUE(bench.run_until_all_told(10s));

  EXPECT_EQ(bench.told[0].outcome.kind, Kind::acked);
  EXPECT_EQ(bench.told[0].outcome.offset, Offset{0}) << "of the first copy";
  EXPECT_EQ(bench.partition("orders").values, (std::vector<std::string>{"a"}));
  ASSERT_EQ(bench.state.seen.size(), 2u);
  EXPECT_EQ(bench.state.seen[0].header.base_sequence, bench.state.seen[1].header.base_sequence);
  EXPECT_EQ(bench.state.seen[0].header.producer_id, bench.state.seen[1].header.producer_id);
}

TEST(Producer, WithoutRetriesTheLastAnswerDecides) {
  struct Case {
    Reaction reaction;
    Kind kind;
    ErrorCode code;
  };
  const std::vector<Case> cases = {
      {close_before_append(), Kind::unknown, ErrorCode::network_exception},
      {close_after_append(), Kind::unknown, ErrorCode::network_exception},
      {silence_after_append(), Kind::unknown, ErrorCode::request_timed_out},
      {refuse(ErrorCode::not_enough_replicas), Kind::failed, ErrorCode::not_enough_replicas},
      {refuse(ErrorCode::message_too_large), Kind::failed, ErrorCode::message_too_large},
      {append_but_answer(ErrorCode::not_enough_replicas_after_append), Kind::unknown,
       ErrorCode::not_enough_replicas_after_append},
      {append_but_answer(ErrorCode::request_timed_out), Kind::unknown, ErrorCode::request_timed_out},
      {append_but_answer(ErrorCode::not_leader_or_follower), Kind::unknown, ErrorCode::not_leader_or_follower},
      {append_but_answer(ErrorCode::unknown_server_error), Kind::unknown, ErrorCode::unknown_server_error},
  };
  for (const Case& c : cases) {
    Bench bench(Settings{{"retries", "0"}, {"request.timeout.ms", "1000"}});
    bench.state.script = [&](const SeenBatch&) { return c.reaction; };

    bench.send("a");
    ASSERT_TRUE(bench.run_until_all_told(10s));

    EXPECT_EQ(bench.told[0].outcome.kind, c.kind) << name(c.code);
    EXPECT_EQ(bench.told[0].outcome.code, c.code);
    EXPECT_EQ(bench.told[0].outcome.attempts, 1);
  }
}

TEST(Producer, AnIndefiniteAttemptIsNeverReportedFailed) {
  // The first attempt may have been appended; the second proves that itself it was not.
  for (const Settings& settings : {not_idempotent, Settings{}}) {
    for (const Reaction& first : {close_before_append(), close_after_append(), append_but_answer(ErrorCode::request_timed_out)}) {
      Bench bench(settings);
      bench.state.script = [&](const SeenBatch& batch) { return batch.number == 1 ? first : refuse(ErrorCode::invalid_record); };

      bench.send("a");
      ASSERT_TRUE(bench.run_until_all_told(10s));

      EXPECT_EQ(bench.told[0].outcome.kind, Kind::unknown);
      EXPECT_EQ(bench.told[0].outcome.code, ErrorCode::invalid_record);
    }
  }
}

TEST(Producer, ANewLeaderIsTriedAsSoonAsItIsKnown) {
  Bench bench({}, 2);
  bench.elect("orders", 0, 1);

  bench.send("a");
  ASSERT_TRUE(bench.run_until_all_told(1s));

  EXPECT_EQ(bench.told[0].outcome.kind, Kind::acked);
  ASSERT_EQ(bench.state.seen.size(), 2u);
  EXPECT_EQ(bench.state.seen[0].broker, 0);
  EXPECT_EQ(bench.state.seen[1].broker, 1);
  EXPECT_EQ(bench.state.metadata_requests, 1u);
  EXPECT_LT(bench.state.seen[1].at - bench.state.seen[0].at, 50ms) << "no back-off for a leader that did not fail";
}

TEST(Producer, ARetriableAnswerIsRetriedAfterABackOff) {
  Bench bench;
  bench.state.script = [](const SeenBatch& batch) {
    return batch.number <= 3 ? refuse(ErrorCode::not_enough_replicas) : Reaction{};
  };

  bench.send("a");
  ASSERT_TRUE(bench.run_until_all_told(10s));

  const auto& seen = bench.state.seen;
  ASSERT_EQ(seen.size(), 4u);
  const Duration bases[] = {100ms, 200ms, 400ms};
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_GE(seen[i + 1].at - seen[i].at, bases[i] * 8 / 10);
    EXPECT_LE(seen[i + 1].at - seen[i].at, bases[i] * 12 / 10 + 5ms);
  }
  EXPECT_EQ(bench.producer().metrics().record_retries, 3);
}

TEST(Producer, OneInFlightKeepsTheOrderWithoutIdempotence) {
  Bench bench(with(with(not_idempotent, one_record_batches), {{"max.in.flight.requests.per.connection", "1"}}));
  bench.state.script = [](const SeenBatch& batch) {
    return batch.number % 3 == 1 ? refuse(ErrorCode::not_enough_replicas) : Reaction{};
  };

  bench.send_many(20);
  ASSERT_TRUE(bench.run_until_all_told(60s));

  EXPECT_EQ(bench.partition("orders").values, numbers(20));
}

TEST(Producer, FiveInFlightWithoutIdempotenceMayReorder) {
  Bench bench(with(not_idempotent, one_record_batches));
  bench.state.script = [](const SeenBatch& batch) {
    return batch.number == 1 ? refuse(ErrorCode::not_enough_replicas) : Reaction{};
  };

  bench.send_many(3);
  ASSERT_TRUE(bench.run_until_all_told(10s));

  EXPECT_EQ(bench.partition("orders").values, (std::vector<std::string>{"1", "2", "0"}));
}

TEST(Producer, FiveInFlightStayInOrderUnderRetriableErrors) {
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    Bench bench(with(one_record_batches, {{"linger.ms", "0"}, {"retry.backoff.ms", "10"}}), 1, 1, seed);
    protocol::Random random(seed);
    bench.state.script = [&](const SeenBatch&) -> Reaction {
      switch (random.below(6)) {
        case 0:
          return refuse(ErrorCode::not_enough_replicas);
        case 1:
          return append_but_answer(ErrorCode::request_timed_out);
        case 2:
          return random.one_in(3) ? close_after_append() : Reaction{};
        case 3:
          return random.one_in(3) ? close_before_append() : Reaction{};
        default:
          return {};
      }
    };

    for (int i = 0; i < 40; ++i) {
      bench.send(std::to_string(i));
      if (i % 5 == 0) bench.run_for(1ms);
    }
    ASSERT_TRUE(bench.run_until_all_told(60s)) << "seed " << seed;

    EXPECT_THAT(bench.kinds(), Each(Kind::acked)) << "seed " << seed;
    EXPECT_EQ(bench.partition("orders").values, numbers(40)) << "seed " << seed;
  }
}

TEST(Producer, TheVeryFirstBatchesStayInOrderToo) {
  // A partition that does not know the producer takes any sequence for its first one.
  ScriptedCluster cluster;
  cluster.add_topic("orders");
  cluster.configure(one_record_batches);
  cluster.state.script = [](const SeenBatch& batch) {
    return batch.number == 1 ? refuse(ErrorCode::not_enough_replicas) : Reaction{};
  };

  cluster.send_many(5);
  ASSERT_TRUE(cluster.run_until_all_told(10s));

  EXPECT_EQ(cluster.partition("orders").values, numbers(5));
}

TEST(Producer, NoMoreRequestsAreInFlightThanAllowed) {
  for (const int allowed : {1, 2, 5}) {
    Bench bench(with(one_record_batches, {{"max.in.flight.requests.per.connection", std::to_string(allowed)}}));
    bench.state.script = [](const SeenBatch&) { return Reaction{.delay = 50ms}; };

    bench.send_many(8);
    bench.run_for(40ms);

    EXPECT_EQ(bench.state.requests, static_cast<std::size_t>(allowed));
    EXPECT_TRUE(bench.run_until_all_told(10s));
  }
}

TEST(Producer, ARefusedBatchLetsThoseBehindItGoOnInANewEpoch) {
  Bench bench(one_record_batches);
  bench.state.script = [](const SeenBatch& batch) {
    return batch.values.at(0) == "1" ? refuse(ErrorCode::invalid_record) : Reaction{};
  };

  bench.send_many(4);
  ASSERT_TRUE(bench.run_until_all_told(10s));
  bench.send("4");
  ASSERT_TRUE(bench.run_until_all_told(10s));

  EXPECT_THAT(bench.kinds(), ElementsAre(Kind::acked, Kind::failed, Kind::acked, Kind::acked, Kind::acked));
  EXPECT_EQ(bench.partition("orders").values, (std::vector<std::string>{"0", "2", "3", "4"}));
  EXPECT_EQ(bench.state.identity_requests, 0u) << "the epoch is bumped locally";
  EXPECT_EQ(bench.state.seen.back().header.producer_epoch, protocol::ProducerEpoch{1});
  EXPECT_EQ(bench.state.seen.back().header.base_sequence, Sequence{2});
}

TEST(Producer, ABatchInDoubtIsNotRenumberedWhenAnotherIsRefused) {
  // Hazard P11 (KAFKA-14034): 0 is appended and its answer lost; 1 is refused for good. Renumbering 0 would append it twice.
  Bench bench(one_record_batches);
  bench.state.script = [](const SeenBatch& batch) {
    if (batch.number == 1) return append_but_answer(ErrorCode::request_timed_out);
    return batch.values.at(0) == "1" ? refuse(ErrorCode::invalid_record) : Reaction{};
  };

  bench.send_many(3);
  ASSERT_TRUE(bench.run_until_all_told(10s));

  EXPECT_THAT(bench.kinds(), ElementsAre(Kind::acked, Kind::failed, Kind::acked));
  EXPECT_EQ(bench.partition("orders").values, (std::vector<std::string>{"0", "2"}));
}

TEST(Producer, ABatchInDoubtEndsUnknownWhenItsSequenceIsRefused) {
  // Hazard P13: a broker that says "out of order" where it should say "duplicate". Under a new name the batch would be appended twice.
  Bench bench;
  bench.state.script = [](const SeenBatch& batch) {
    if (batch.number == 1) return close_after_append();
    return batch.values.at(0) == "a" ? refuse(ErrorCode::out_of_order_sequence_number) : Reaction{};
  };

  bench.send("a");
  ASSERT_TRUE(bench.run_until_all_told(10s));
  bench.send("b");
  ASSERT_TRUE(bench.run_until_all_told(10s));

  EXPECT_THAT(bench.kinds(), ElementsAre(Kind::unknown, Kind::acked));
  EXPECT_EQ(bench.partition("orders").values, (std::vector<std::string>{"a", "b"}));
}

TEST(Producer, AnErrorOnOnePartitionLeavesTheOtherPartitionsEpochsAlone) {
  // Hazard P12 (librdkafka #4953).
  Bench bench(one_record_batches, 1, 2);
  bench.state.script = [](const SeenBatch& batch) {
    if (batch.values.at(0) == "bad") return refuse(ErrorCode::invalid_record);
    return batch.partition.partition == 1 && batch.number == 2 ? close_after_append() : Reaction{};
  };

  bench.send({.topic = "orders", .partition = 0, .key = {}, .value = "bad", .headers = {}});
  bench.send({.topic = "orders", .partition = 1, .key = {}, .value = "good", .headers = {}});
  ASSERT_TRUE(bench.run_until_all_told(10s));
  bench.send({.topic = "orders", .partition = 0, .key = {}, .value = "next", .headers = {}});
  ASSERT_TRUE(bench.run_until_all_told(10s));

  EXPECT_EQ(bench.partition("orders", 1).values, (std::vector<std::string>{"good"}));
  for (const SeenBatch& batch : bench.state.seen) {
    const std::int16_t epoch = batch.values.at(0) == "next" ? 1 : 0;
    EXPECT_EQ(batch.header.producer_epoch.value, epoch) << batch.values.at(0);
  }
}

TEST(Producer, ABrokerThatForgotTheProducerIsMetInANewEpoch) {
  // What an unclean election does: the new leader's log ends earlier, so the next sequence leaves a gap for ever.
  Bench bench(one_record_batches);
  bench.send_many(2);
  ASSERT_TRUE(bench.run_until_all_told(1s));
  auto& partition = bench.partition("orders");
  partition.values.clear();
  partition.producers.clear();
  protocol::BatchHeader older = bench.state.seen.at(0).header;
  partition.producers.update(older);

  bench.send("2");
  ASSERT_TRUE(bench.run_until_all_told(10s));

  EXPECT_EQ(bench.told[2].outcome.kind, Kind::acked);
  EXPECT_EQ(partition.values, (std::vector<std::string>{"2"}));
  EXPECT_EQ(bench.state.seen.back().header.producer_epoch, protocol::ProducerEpoch{1});
}

}  // namespace
}  // namespace acklab::producer
