// What a producer gives up that it has not used for long, and how long it waits for a connection.
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <string_view>

#include "producer/connecting.h"
#include "producer/snapshot.h"
#include "tests/producer/scripted_broker.h"

namespace acklab::producer {
namespace {

using namespace std::chrono_literals;

double value_of(const std::vector<Metric>& metrics, std::string_view name) {
  const auto found = std::find_if(metrics.begin(), metrics.end(), [&](const Metric& metric) { return metric.name == name; });
  return found == metrics.end() ? -1 : found->value;
}

TEST(IdleConnections, AreClosedAndMadeAgainForTheNextRecord) {
  ScriptedCluster cluster;
  cluster.add_topic("orders");
  cluster.configure({{"connections.max.idle.ms", "60000"}, {"metadata.max.idle.ms", "3600000"}});
  cluster.send("first");
  ASSERT_TRUE(cluster.run_until_all_told(1s));

  cluster.run_for(59s);
  EXPECT_EQ(value_of(cluster.producer().snapshot(), "connection-count"), 1);
  cluster.run_for(2s);
  EXPECT_EQ(value_of(cluster.producer().snapshot(), "connection-count"), 0);

  cluster.send("second");
  ASSERT_TRUE(cluster.run_until_all_told(1s));
  EXPECT_EQ(cluster.told[1].outcome.kind, Outcome::Kind::acked);
  EXPECT_EQ(value_of(cluster.producer().snapshot(), "connection-count"), 1);
}

TEST(IdleConnections, AreKeptWhileAnAnswerIsAwaited) {
  ScriptedCluster cluster;
  cluster.add_topic("orders");
  cluster.configure({{"connections.max.idle.ms", "1000"}});
  cluster.state.script = [](const SeenBatch&) { return Reaction{.delay = 20s}; };

  cluster.send("slow");
  ASSERT_TRUE(cluster.run_until_all_told(25s));

  EXPECT_EQ(cluster.told[0].outcome.kind, Outcome::Kind::acked);
  EXPECT_EQ(cluster.told[0].outcome.attempts, 1);
}

TEST(IdleTopics, AreAskedAboutAgainWhenTheyAreWanted) {
  ScriptedCluster cluster;
  cluster.add_topic("orders");
  cluster.configure({{"metadata.max.idle.ms", "60000"}, {"metadata.max.age.ms", "30000"}});
  cluster.send("first");
  ASSERT_TRUE(cluster.run_until_all_told(1s));

  cluster.run_for(100s);
  const std::size_t asked = cluster.state.metadata_requests;
  cluster.send("second");
  ASSERT_TRUE(cluster.run_until_all_told(1s));

  EXPECT_EQ(cluster.told[1].outcome.kind, Outcome::Kind::acked);
  EXPECT_EQ(cluster.state.metadata_requests, asked + 1);
}

TEST(IdleTopics, TopicsThatAreUsedAreNotIdle) {
  ScriptedCluster cluster;
  cluster.add_topic("orders");
  cluster.configure({{"metadata.max.idle.ms", "60000"}, {"metadata.max.age.ms", "30000"}});
  for (int i = 0; i < 5; ++i) {
    cluster.send("again");
    cluster.run_for(25s);
  }

  const std::size_t asked = cluster.state.metadata_requests;
  cluster.send("last");
  ASSERT_TRUE(cluster.run_until_all_told(1s));

  EXPECT_EQ(cluster.state.metadata_requests, asked);
}

TEST(ConnectionSetup, HasTwiceAsLongAfterEachFailureUpToTheLongest) {
  ProducerConfig config;
  config.connection_setup_timeout = 10s;
  config.connection_setup_timeout_max = 30s;
  protocol::Random random(1);
  const auto wait = [&](int failed) { return channel_options(config, failed, random).connect_timeout; };

  for (int i = 0; i < 100; ++i) {
    EXPECT_TRUE(8s <= wait(0) && wait(0) <= 12s);
    EXPECT_TRUE(16s <= wait(1) && wait(1) <= 24s);
    EXPECT_TRUE(24s <= wait(9) && wait(9) <= 36s);
  }
}

}  // namespace
}  // namespace acklab::producer
