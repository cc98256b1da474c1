// The producer against brokers that do what the test says, in a simulated world.
#include "producer/producer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <set>
#include <string>
#include <vector>

#include "producer/partitioner.h"
#include "tests/producer/scripted_broker.h"

namespace acklab::producer {
namespace {

using namespace std::chrono_literals;
using protocol::ErrorCode;
using protocol::Event;
using protocol::Offset;
using protocol::Sequence;
using protocol::Time;
using testing::Each;
using testing::ElementsAre;
using testing::Field;
using Kind = Outcome::Kind;

const Settings not_idempotent = {{"enable.idempotence", "false"}};

Settings with(Settings settings, const Settings& more) {
  for (const auto& [key, value] : more) settings[key] = value;
  return settings;
}

// Records that each fill a batch, so that "n records" means "n batches".
const Settings one_record_batches = {{"batch.size", "1"}};

std::vector<std::string> numbers(int count) {
  std::vector<std::string> values;
  for (int i = 0; i < count; ++i) values.push_back(std::to_string(i));
  return values;
}

// One broker, topic "orders" with one partition, and a producer that has already delivered one record: it knows the metadata, has a
// connection and, if it wants one, an identity that the broker has met. The log is empty again, the counters are at zero.
struct Bench : ScriptedCluster {
  explicit Bench(const Settings& settings = {}, int brokers = 1, int partitions = 1, std::uint64_t seed = 1)
      : ScriptedCluster(brokers, seed) {
    add_topic("orders", partitions);
    configure(settings);
    for (int i = 0; i < partitions; ++i) send({.topic = "orders", .partition = i, .key = {}, .value = "warm", .headers = {}});
    flush({});
    CHECK(run_until_all_told(1s));
    run_for(1s);
    for (auto& partition : state.topics.at("orders").partitions) {
      partition.values.clear();
      partition.batches.clear();
    }
    told.clear();
    state.seen.clear();
    state.requests = state.metadata_requests = state.identity_requests = 0;
    began = world.now();
  }

  std::vector<Kind> kinds() const {
    std::vector<Kind> all;
    for (const Told& t : told) all.push_back(t.outcome.kind);
    return all;
  }

  Time began;
};

TEST(Producer, ARecordIsAcknowledgedWithItsOffset) {
  ScriptedCluster cluster;
  cluster.add_topic("orders");

  cluster.send_many(3);
  ASSERT_TRUE(cluster.run_until_all_told(1s));

  for (int i = 0; i < 3; ++i) {
    const Outcome& outcome = cluster.told[static_cast<std::size_t>(i)].outcome;
    EXPECT_EQ(outcome.kind, Kind::acked);
    EXPECT_EQ(outcome.offset, Offset{i});
    EXPECT_EQ(outcome.partition, 0);
    EXPECT_EQ(outcome.attempts, 1);
    EXPECT_GT(outcome.latency, 0ns);
  }
  EXPECT_EQ(cluster.partition("orders").values, numbers(3));
  EXPECT_EQ(cluster.state.seen.size(), 1u) << "one batch";
  EXPECT_EQ(cluster.producer().metrics().records_sent, 3);
  EXPECT_EQ(cluster.producer().undelivered(), 0u);
}

TEST(Producer, AsksForNothingUntilTheFirstSend) {
  ScriptedCluster cluster;
  cluster.producer();

  cluster.run_for(10min);

  EXPECT_EQ(cluster.state.metadata_requests, 0u);
  EXPECT_EQ(cluster.state.identity_requests, 0u);
}

TEST(Producer, LingerZeroSendsAtOnce) {
  Bench bench(Settings{{"linger.ms", "0"}});

  bench.send("a");
  bench.run_until_all_told(1s);

  EXPECT_EQ(bench.journal(Event::sent).back().at, bench.began);
}

TEST(Producer, RecordsOfOneTurnTravelTogetherEvenWithoutLinger) {
  Bench bench(Settings{{"linger.ms", "0"}});

  bench.send_many(10);
  bench.run_until_all_told(1s);

  EXPECT_EQ(bench.state.seen.size(), 1u);
}

TEST(Producer, ABatchLingersForMoreRecords) {
  Bench bench(Settings{{"linger.ms", "7"}});

  bench.send("a");
  bench.run_for(3ms);
  bench.send("b");
  bench.run_until_all_told(1s);

  EXPECT_EQ(bench.journal(Event::sent).back().at, bench.began + 7ms);
  EXPECT_EQ(bench.state.seen.at(0).values, (std::vector<std::string>{"a", "b"}));
}

TEST(Producer, FlushDoesNotLingerAndWaitsForWhatWasSentBefore) {
  Bench bench(Settings{{"linger.ms", "10000"}, {"delivery.timeout.ms", "60000"}});
  int flushed = 0;
  bench.send_many(3);

  bench.flush([&] {
    ++flushed;
    EXPECT_EQ(bench.told[2].times, 1);
    EXPECT_EQ(bench.told[3].times, 0);
  });
  bench.run_for(0ms);
  bench.send("later");
  bench.run_for(1s);

  EXPECT_EQ(flushed, 1);
  EXPECT_EQ(bench.state.seen.size(), 1u) << "the later record lingers";
}

TEST(Producer, FlushOfNothingIsDoneOnALaterTurn) {
  Bench bench;
  int flushed = 0;

  bench.flush([&] { ++flushed; });
  EXPECT_EQ(flushed, 0);
  bench.run_for(0ms);

  EXPECT_EQ(flushed, 1);
}

TEST(Producer, KeyGoesToMurmur2Partition) {
  Bench bench({}, 1, 7);

  for (int i = 0; i < 50; ++i) {
    bench.send({.topic = "orders", .partition = {}, .key = "key " + std::to_string(i), .value = "v", .headers = {}});
  }
  bench.run_until_all_told(1s);

  for (int i = 0; i < 50; ++i) {
    EXPECT_EQ(bench.told[static_cast<std::size_t>(i)].outcome.partition,
              partition_by_key(PartitionerClass::built_in, "key " + std::to_string(i), 7));
  }
}

TEST(Producer, RecordsWithoutAKeyStickTogetherAndMoveOn) {
  Bench bench(Settings{{"batch.size", "1000"}}, 1, 5);

  for (int i = 0; i < 200; ++i) bench.send(std::string(100, 'x'));
  bench.run_until_all_told(1s);

  std::set<std::int32_t> partitions;
  int moves = 0;
  for (std::size_t i = 0; i < bench.told.size(); ++i) {
    partitions.insert(bench.told[i].outcome.partition);
    if (i > 0 && bench.told[i].outcome.partition != bench.told[i - 1].outcome.partition) ++moves;
  }
  EXPECT_GE(partitions.size(), 3u);
  EXPECT_LE(moves, 23) << "about one move for each batch's worth of bytes";
}

// How many of those records each partition got that were sent while broker 1, which leads partition 1, answered nothing for a while.
std::vector<int> share_beside_a_slow_broker(Settings settings) {
  settings.merge(Settings{{"batch.size", "1000"}, {"linger.ms", "0"}, {"max.in.flight.requests.per.connection", "1"}});
  Bench bench(settings, 2, 2);
  bench.state.script = [](const SeenBatch& batch) {
    return Reaction{.delay = batch.broker == 1 ? Duration(10s) : Duration(1ms)};
  };
  for (int i = 0; i < 1000; ++i) {
    bench.send(std::string(500, 'x'));
    bench.run_for(3ms);
  }
  bench.run_until_all_told(1h);
  std::vector<int> share(2);
  for (const Told& told : bench.told) ++share[static_cast<std::size_t>(told.outcome.partition)];
  return share;
}

TEST(Producer, AdaptivePartitioningSpeaksLessToTheSlowBroker) {
  const std::vector<int> even = share_beside_a_slow_broker({{"partitioner.adaptive.partitioning.enable", "false"}});
  EXPECT_GT(even[1], 400);

  const std::vector<int> adaptive = share_beside_a_slow_broker({});
  EXPECT_LT(adaptive[1], 200);
}

TEST(Producer, ABrokerThatTakesNothingForTooLongGetsNoRecordsWithoutAKey) {
  const std::vector<int> share = share_beside_a_slow_broker({{"partitioner.availability.timeout.ms", "100"}});

  EXPECT_GT(share[1], 0);
  EXPECT_LT(share[1], 50);
}

TEST(Producer, RoundRobinGivesEveryPartitionItsTurnWhateverTheKey) {
  Bench bench(Settings{{"partitioner.class", "round_robin"}}, 1, 4);

  for (int i = 0; i < 8; ++i) bench.send({.topic = "orders", .partition = {}, .key = "k", .value = "v", .headers = {}});
  bench.run_until_all_told(1s);

  for (std::size_t i = 0; i < 8; ++i) EXPECT_EQ(bench.told[i].outcome.partition, static_cast<std::int32_t>(i % 4));
}

TEST(Producer, EveryCodecArrivesAsItWas) {
  for (const std::string codec : {"none", "gzip", "snappy", "lz4", "zstd"}) {
    Bench bench(Settings{{"compression.type", codec}});
    bench.send_many(100);
    bench.run_until_all_told(1s);

    EXPECT_EQ(bench.partition("orders").values, numbers(100)) << codec;
    EXPECT_EQ(protocol::name(*protocol::codec_of_bits(bench.state.seen.at(0).header.codec_bits())), codec);
  }
}

TEST(Producer, AcksZeroIsUnanswered) {
  Bench bench(Settings{{"acks", "0"}});

  bench.send_many(3);
  ASSERT_TRUE(bench.run_until_all_told(1s));

  EXPECT_THAT(bench.kinds(), Each(Kind::unanswered));
  bench.run_for(1s);
  EXPECT_FALSE(bench.told[0].outcome.offset.known());
  EXPECT_EQ(bench.partition("orders").values, numbers(3));
}

TEST(Producer, AcksZeroIntoADeadSocketIsLostWithoutAWord) {
  Bench bench(Settings{{"acks", "0"}, {"linger.ms", "0"}});
  bench.state.script = [](const SeenBatch&) { return close_before_append(); };

  bench.send("gone");
  ASSERT_TRUE(bench.run_until_all_told(1s));

  EXPECT_THAT(bench.kinds(), ElementsAre(Kind::unanswered));
  EXPECT_TRUE(bench.partition("orders").values.empty());
}

TEST(Producer, AcksZeroHoldsBackWhenTheNetworkTakesNothing) {
  Bench bench(Settings{{"acks", "0"}, {"linger.ms", "0"}});
  bench.world.cut(ScriptedCluster::client, protocol::NodeId::broker({0}), protocol::Direction::both);

  for (int i = 0; i < 100; ++i) bench.send(std::string(200'000, 'x'));
  bench.run_for(1s);
  const auto told = std::count_if(bench.told.begin(), bench.told.end(), [](const Told& t) { return t.times > 0; });
  EXPECT_LT(told, 50) << "20 MB do not fit into a socket";

  bench.world.heal(ScriptedCluster::client, protocol::NodeId::broker({0}), protocol::Direction::both);
  ASSERT_TRUE(bench.run_until_all_told(10s));
  bench.run_for(1s);
  EXPECT_EQ(bench.partition("orders").values.size(), 100u);
}

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

TEST(Producer, NoSendAfterDeliveryTimeout) {
  Bench bench(Settings{{"delivery.timeout.ms", "2000"}, {"request.timeout.ms", "500"}});
  bench.state.script = [](const SeenBatch&) { return refuse(ErrorCode::not_enough_replicas); };

  bench.send("a");
  ASSERT_TRUE(bench.run_until_all_told(10s));
  bench.run_for(10s);

  EXPECT_EQ(bench.told[0].outcome.kind, Kind::failed);
  EXPECT_EQ(bench.told[0].outcome.code, ErrorCode::request_timed_out);
  EXPECT_EQ(bench.told[0].at, bench.began + 2000ms);
  for (const SeenBatch& batch : bench.state.seen) EXPECT_LE(batch.at, bench.began + 2000ms);
  EXPECT_GT(bench.state.seen.size(), 3u);
}

TEST(Producer, WhatIsInFlightAtItsDeliveryTimeoutIsUnknown) {
  Bench bench(Settings{{"delivery.timeout.ms", "2000"}, {"request.timeout.ms", "1900"}});
  bench.state.script = [](const SeenBatch& batch) {
    return batch.number == 1 ? refuse(ErrorCode::not_enough_replicas) : Reaction{.delay = 60s};
  };

  bench.send("a");
  ASSERT_TRUE(bench.run_until_all_told(10s));

  EXPECT_EQ(bench.told[0].outcome.kind, Kind::unknown);
  EXPECT_EQ(bench.told[0].outcome.code, ErrorCode::request_timed_out);
  EXPECT_EQ(bench.told[0].at, bench.began + 2000ms);
}

TEST(Producer, AnAnswerAfterTheDeliveryTimeoutChangesNothing) {
  Bench bench(Settings{{"delivery.timeout.ms", "2000"}, {"request.timeout.ms", "1900"}});
  bench.state.script = [](const SeenBatch& batch) {
    return batch.number == 1 ? refuse(ErrorCode::not_enough_replicas) : Reaction{.delay = 1890ms};
  };

  bench.send("a");
  bench.run_for(10s);
  bench.state.script = nullptr;
  bench.send("b");
  bench.run_for(10s);

  EXPECT_EQ(bench.told[0].times, 1);
  EXPECT_EQ(bench.told[0].outcome.kind, Kind::unknown);
  EXPECT_EQ(bench.told[1].outcome.kind, Kind::acked);
}

TEST(Producer, ABrokerThatNeverWasThereMakesARecordFail) {
  ScriptedCluster cluster;
  cluster.add_topic("orders");
  cluster.kill_broker(0);
  cluster.configure({{"max.block.ms", "3000"}});

  cluster.send("a");
  ASSERT_TRUE(cluster.run_until_all_told(10s));

  EXPECT_EQ(cluster.told[0].outcome.kind, Kind::failed);
  EXPECT_EQ(cluster.told[0].outcome.code, ErrorCode::request_timed_out);
  EXPECT_EQ(cluster.told[0].outcome.latency, 3000ms);
  EXPECT_EQ(cluster.told[0].outcome.attempts, 0);
}

TEST(Producer, ABrokerGoneForEverMakesRecordsFailOrUnknown) {
  Bench bench(with(one_record_batches, {{"delivery.timeout.ms", "3000"}, {"request.timeout.ms", "500"}}));
  bench.state.script = [](const SeenBatch&) { return Reaction{.log = Reaction::Log::leave, .delay = 60s}; };
  bench.send_many(5);
  bench.run_for(20ms);
  bench.kill_broker(0);

  bench.send("never sent");
  ASSERT_TRUE(bench.run_until_all_told(10s));

  EXPECT_THAT(bench.kinds(),
              ElementsAre(Kind::unknown, Kind::unknown, Kind::unknown, Kind::unknown, Kind::unknown, Kind::failed));
}

TEST(Producer, ABrokerThatComesBackGetsWhatWaits) {
  Bench bench;
  bench.kill_broker(0);
  bench.send_many(5);
  bench.run_for(5s);

  bench.start_broker(0);
  ASSERT_TRUE(bench.run_until_all_told(5s));

  EXPECT_THAT(bench.kinds(), Each(Kind::acked));
  EXPECT_EQ(bench.partition("orders").values, numbers(5));
}

TEST(Producer, ASilentLinkIsGivenUpAfterTheRequestTimeout) {
  Bench bench(Settings{{"request.timeout.ms", "1000"}});
  bench.world.cut(protocol::NodeId::broker({0}), ScriptedCluster::client, protocol::Direction::forward);

  bench.send("a");
  bench.run_for(3s);
  EXPECT_EQ(bench.told[0].times, 0);
  bench.world.heal(protocol::NodeId::broker({0}), ScriptedCluster::client, protocol::Direction::forward);
  ASSERT_TRUE(bench.run_until_all_told(30s));

  EXPECT_EQ(bench.told[0].outcome.kind, Kind::acked);
  EXPECT_EQ(bench.partition("orders").values, (std::vector<std::string>{"a"}));
}

TEST(Producer, AnyBootstrapBrokerWillDo) {
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    ScriptedCluster cluster(3, seed);
    cluster.add_topic("orders", 3);
    cluster.kill_broker(0);
    cluster.kill_broker(2);
    cluster.send({.topic = "orders", .partition = 1, .key = {}, .value = "a", .headers = {}});

    ASSERT_TRUE(cluster.run_until_all_told(5s));
    EXPECT_EQ(cluster.told[0].outcome.kind, Kind::acked);
  }
}

TEST(Producer, GoesOnWhenEveryBootstrapBrokerHasGone) {
  ScriptedCluster cluster(3);
  cluster.add_topic("orders");
  cluster.bootstrap_from(0);
  cluster.send("before");
  ASSERT_TRUE(cluster.run_until_all_told(5s));

  cluster.elect("orders", 0, 1);
  cluster.kill_broker(0);
  cluster.send("after");
  ASSERT_TRUE(cluster.run_until_all_told(10s));

  EXPECT_EQ(cluster.told[1].outcome.kind, Kind::acked);
}

// The bootstrap address may stand for whoever is there: behind it a whole cluster can be replaced.
TEST(Producer, BeginsAgainFromTheBootstrapListWhenEveryBrokerThatItKnewHasGone) {
  ScriptedCluster cluster(3);
  cluster.add_topic("orders");
  cluster.bootstrap_from(0);
  cluster.state.brokers.erase(0);  // it answers, and does not speak of itself
  cluster.kill_broker(2);
  cluster.elect("orders", 0, 1);
  cluster.send("before");
  ASSERT_TRUE(cluster.run_until_all_told(5s));

  cluster.kill_broker(1);
  cluster.start_broker(2);
  cluster.elect("orders", 0, 2);
  cluster.send("after");
  ASSERT_TRUE(cluster.run_until_all_told(20s));

  EXPECT_EQ(cluster.told[1].outcome.kind, Kind::acked);
}

TEST(Producer, AnUnknownTopicIsWaitedForUntilMaxBlock) {
  ScriptedCluster cluster;
  cluster.configure({{"max.block.ms", "2000"}});

  cluster.send("a", "nowhere");
  cluster.send("b", "later");
  cluster.run_for(1s);
  cluster.add_topic("later");
  ASSERT_TRUE(cluster.run_until_all_told(5s));

  EXPECT_EQ(cluster.told[0].outcome.kind, Kind::failed);
  EXPECT_EQ(cluster.told[0].outcome.code, ErrorCode::request_timed_out);
  EXPECT_EQ(cluster.told[0].outcome.latency, 2000ms);
  EXPECT_EQ(cluster.told[1].outcome.kind, Kind::acked);
}

TEST(Producer, ATopicThatTheBrokerMakesIsWaitedFor) {
  ScriptedCluster cluster;
  cluster.state.auto_create = true;

  cluster.send("a", "new");
  ASSERT_TRUE(cluster.run_until_all_told(2s));

  EXPECT_EQ(cluster.told[0].outcome.kind, Kind::acked);
}

TEST(Producer, WhatCanNeverBeSentFailsAtOnce) {
  struct Case {
    ProducerRecord record;
    ErrorCode code;
  };
  const std::vector<Case> cases = {
      {{.topic = "a/b", .partition = {}, .key = {}, .value = "v", .headers = {}}, ErrorCode::invalid_topic_exception},
      {{.topic = "orders", .partition = -1, .key = {}, .value = "v", .headers = {}}, ErrorCode::invalid_partitions},
      {{.topic = "orders", .partition = {}, .key = {}, .value = std::string(1048576, 'x'), .headers = {}},
       ErrorCode::message_too_large},
  };
  Bench bench;
  for (const Case& c : cases) bench.send(c.record);

  ASSERT_TRUE(bench.run_until_all_told(1s));

  for (std::size_t i = 0; i < cases.size(); ++i) {
    EXPECT_EQ(bench.told[i].outcome.kind, Kind::failed);
    EXPECT_EQ(bench.told[i].outcome.code, cases[i].code);
    EXPECT_EQ(bench.told[i].outcome.attempts, 0);
  }
  std::vector<std::string> topics;
  for (const protocol::Entry& entry : bench.journal(Event::failed))
    topics.push_back(bench.world.journal().topic_name(entry.topic));
  EXPECT_THAT(topics, testing::UnorderedElementsAre("a/b", "orders", "orders"));
}

TEST(Producer, APartitionThatDoesNotExistIsWaitedForUntilMaxBlock) {
  Bench bench(Settings{{"max.block.ms", "1000"}});

  bench.send({.topic = "orders", .partition = 7, .key = {}, .value = "v", .headers = {}});
  ASSERT_TRUE(bench.run_until_all_told(5s));

  EXPECT_EQ(bench.told[0].outcome.kind, Kind::failed);
  EXPECT_EQ(bench.told[0].outcome.latency, 1000ms);
}

TEST(Producer, ARecordWithoutRoomWaitsForItAndKeepsItsPlace) {
  Bench bench(Settings{{"batch.size", "1000"}, {"buffer.memory", "5000"}});
  bench.state.script = [](const SeenBatch&) { return Reaction{.delay = 20ms}; };

  for (int i = 0; i < 100; ++i) bench.send(std::to_string(i) + std::string(300, ' '));
  ASSERT_TRUE(bench.run_until_all_told(60s));

  EXPECT_THAT(bench.kinds(), Each(Kind::acked));
  for (std::size_t i = 0; i < 100; ++i) EXPECT_EQ(std::stoul(bench.partition("orders").values.at(i)), i);
}

TEST(Producer, ARecordThatFindsNoRoomInMaxBlockFails) {
  Bench bench(Settings{{"batch.size", "1000"}, {"buffer.memory", "2000"}, {"max.block.ms", "500"}});
  bench.state.script = [](const SeenBatch&) { return Reaction{.delay = 5s}; };

  for (int i = 0; i < 3; ++i) bench.send(std::string(900, 'x'));
  ASSERT_TRUE(bench.run_until_all_told(60s));

  EXPECT_THAT(bench.kinds(), ElementsAre(Kind::acked, Kind::acked, Kind::failed));
  EXPECT_EQ(bench.told[2].outcome.code, ErrorCode::request_timed_out);
  EXPECT_EQ(bench.told[2].at, bench.began + 500ms);
}

TEST(Producer, ARequestTakesOneBatchOfEachPartitionUpToItsSize) {
  Bench bench(with(one_record_batches, {{"max.request.size", "2500"}}), 1, 4);
  for (int round = 0; round < 2; ++round) {
    for (int p = 0; p < 4; ++p) {
      bench.send({.topic = "orders", .partition = p, .key = {}, .value = std::string(1000, 'x'), .headers = {}});
    }
  }
  ASSERT_TRUE(bench.run_until_all_told(5s));

  std::map<std::size_t, std::vector<std::int32_t>> requests;
  for (const SeenBatch& batch : bench.state.seen) requests[batch.request].push_back(batch.partition.partition);
  std::vector<std::vector<std::int32_t>> partitions;
  for (const auto& [request, of] : requests) partitions.push_back(of);
  EXPECT_THAT(partitions, ElementsAre(ElementsAre(0, 1), ElementsAre(2, 3), ElementsAre(0, 1), ElementsAre(2, 3)));
}

TEST(Producer, AThrottledProducerKeepsQuietForThatLong) {
  Bench bench(Settings{{"linger.ms", "0"}});
  bench.state.throttle_ms = 700;
  bench.send("a");
  ASSERT_TRUE(bench.run_until_all_told(1s));
  const Time told = bench.told[0].at;

  bench.send("b");
  ASSERT_TRUE(bench.run_until_all_told(2s));

  EXPECT_EQ(bench.journal(Event::sent).back().at, told + 700ms);
}

TEST(Producer, AnIdempotentProducerThatGetsNoIdentityFailsItsRecords) {
  ScriptedCluster cluster;
  cluster.add_topic("orders");
  cluster.state.identity_code = ErrorCode::cluster_authorization_failed;

  cluster.send("a");
  ASSERT_TRUE(cluster.run_until_all_told(5s));
  cluster.send("b");
  ASSERT_TRUE(cluster.run_until_all_told(5s));

  for (const Told& told : cluster.told) {
    EXPECT_EQ(told.outcome.kind, Kind::failed);
    EXPECT_EQ(told.outcome.code, ErrorCode::cluster_authorization_failed);
  }
  EXPECT_TRUE(cluster.state.seen.empty());
}

TEST(Producer, AnIdentityIsAskedForAgainIfItIsNotToBeHadYet) {
  ScriptedCluster cluster;
  cluster.add_topic("orders");
  cluster.state.identity_code = ErrorCode::coordinator_load_in_progress;
  cluster.send("a");
  cluster.run_for(2s);
  EXPECT_GT(cluster.state.identity_requests, 2u);

  cluster.state.identity_code = ErrorCode::none;
  ASSERT_TRUE(cluster.run_until_all_told(5s));

  EXPECT_EQ(cluster.told[0].outcome.kind, Kind::acked);
}

TEST(Producer, TheJournalTellsTheLifeOfABatch) {
  Bench bench;
  const std::size_t before = bench.world.journal().entries().size();
  bench.state.script = [](const SeenBatch& batch) {
    return batch.number == 1 ? refuse(ErrorCode::not_enough_replicas) : Reaction{};
  };

  bench.send_many(3);
  ASSERT_TRUE(bench.run_until_all_told(5s));

  std::vector<protocol::Entry> life;
  for (const protocol::Entry& entry : bench.world.journal().entries().subspan(before)) {
    if (entry.node == ScriptedCluster::client) life.push_back(entry);
  }
  std::vector<Event> events;
  for (const protocol::Entry& entry : life) events.push_back(entry.event);
  ASSERT_THAT(events,
              ElementsAre(Event::queued, Event::batched, Event::queued, Event::batched, Event::queued, Event::batched,
                          Event::sealed, Event::drained, Event::sent, Event::retried, Event::drained, Event::sent, Event::acked));
  for (const protocol::Entry& entry : life) {
    EXPECT_NE(entry.topic, 0);
    if (entry.event == Event::queued) continue;
    EXPECT_EQ(entry.batch, life.back().batch);
    EXPECT_EQ(entry.partition, 0);
    EXPECT_EQ(entry.count, entry.event == Event::batched ? 1 : 3);
  }
  EXPECT_EQ(life[6].cause, protocol::Cause::linger);
  EXPECT_EQ(life[7].sequence, Sequence{1});
  EXPECT_EQ(life[8].sequence, Sequence{1});
  EXPECT_EQ(life[8].peer, protocol::NodeId::broker({0}));
  EXPECT_NE(life[8].connection, 0u);
  EXPECT_EQ(life[9].code, ErrorCode::not_enough_replicas);
  EXPECT_GE(life[9].pause, 80ms);
  EXPECT_GT(life[11].correlation, life[8].correlation);
  EXPECT_EQ(life[12].offset, Offset{0});
}

// An application that behaves badly in its callbacks.
struct Rascal final : protocol::Process {
  Rascal(protocol::Runtime& runtime, const protocol::Address& broker)
      : producer(std::make_unique<Producer>(runtime, std::vector{broker}, ProducerConfig::from({}).value())) {}

  void send(Producer::Callback callback) {
    producer->send(ProducerRecord{.topic = "orders", .partition = {}, .key = {}, .value = "v", .headers = {}},
                   std::move(callback));
  }
  std::unique_ptr<Producer> producer;
};

TEST(Producer, ACallbackMaySendAgain) {
  ScriptedCluster cluster;
  cluster.add_topic("orders");
  Rascal* rascal = nullptr;
  cluster.world.start(ScriptedCluster::client, [&](protocol::Runtime& runtime) {
    auto process = std::make_unique<Rascal>(runtime, cluster.state.brokers.at(0));
    rascal = process.get();
    return process;
  });
  int told = 0;
  std::function<void(const Outcome&)> again = [&](const Outcome&) {
    if (++told < 10) rascal->send(again);
  };

  cluster.world.ask(ScriptedCluster::client, [&] { rascal->send(again); });
  cluster.run_for(5s);

  EXPECT_EQ(told, 10);
}

TEST(Producer, ACallbackMayDestroyTheProducer) {
  ScriptedCluster cluster;
  cluster.add_topic("orders");
  Rascal* rascal = nullptr;
  cluster.world.start(ScriptedCluster::client, [&](protocol::Runtime& runtime) {
    auto process = std::make_unique<Rascal>(runtime, cluster.state.brokers.at(0));
    rascal = process.get();
    return process;
  });
  int told = 0;

  cluster.world.ask(ScriptedCluster::client, [&] {
    for (int i = 0; i < 5; ++i) {
      rascal->send([&](const Outcome&) {
        ++told;
        rascal->producer.reset();
      });
    }
  });
  cluster.run_for(5s);

  EXPECT_EQ(told, 1) << "the others were dropped with the producer";
}

}  // namespace
}  // namespace acklab::producer
