// The producer while nothing is broken: when records leave, where they go, and what acks=0 means.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <set>
#include <string>
#include <vector>

#include "tests/producer/producer_bench.h"

namespace acklab::producer {
namespace {

using namespace std::chrono_literals;
using protocol::Event;
using protocol::Offset;
using testing::Each;
using testing::ElementsAre;
using Kind = Outcome::Kind;

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

}  // namespace
}  // namespace acklab::producer
