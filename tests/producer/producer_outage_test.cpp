// The producer when time is up, or brokers are gone.
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
using testing::Each;
using testing::ElementsAre;
using Kind = Outcome::Kind;

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

}  // namespace
}  // namespace acklab::producer
