// Starting a cluster, and nodes that come back.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/broker/test_cluster.h"

namespace acklab::broker {
namespace {

using protocol::Acks;
using protocol::ErrorCode;
using protocol::Event;
using protocol::MetadataRequest;
using protocol::MetadataResponse;
using protocol::NodeId;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;

const TopicPartition orders{"orders", 0};

TEST(ClusterLife, ABadSettingOrPortIsALineForTheUser) {
  const auto error_of = [](ClusterConfig config) {
    protocol::SimWorld world;
    Cluster cluster(world, std::move(config));
    const auto started = cluster.start();
    return started ? std::string() : started.error();
  };

  EXPECT_THAT(error_of({.set = {{"min.insync.replica", "2"}}}), HasSubstr("min.insync.replica"));
  EXPECT_THAT(error_of({.set = {{"num.partitions", "many"}}}), HasSubstr("num.partitions"));
  EXPECT_THAT(error_of({.brokers = 0}), HasSubstr("1 to 64"));
  EXPECT_THAT(error_of({.brokers = 3, .port = 65534}), HasSubstr("65536"));
}

TEST(ClusterLife, ABrokerThatWasKilledTellsMetadataAboutItselfAgainAfterItsRestart) {
  TestCluster cluster;
  cluster.create_topic("orders");
  cluster.cluster.kill(NodeId::broker({1}));
  cluster.cluster.kill(NodeId::broker({1}));  // nothing more happens
  cluster.run_for(3s);
  const auto without = cluster.ask<MetadataResponse>({0}, MetadataRequest{.topics = {}});
  EXPECT_THAT(without->brokers, SizeIs(2));
  EXPECT_THAT(without->topics[0].partitions[0].offline_replicas, ElementsAre(1));

  cluster.cluster.restart(NodeId::broker({1}));

  EXPECT_TRUE(
      cluster.eventually([&] { return cluster.ask<MetadataResponse>({0}, MetadataRequest{.topics = {}})->brokers.size() == 3; }));
  EXPECT_TRUE(cluster.eventually([&] { return cluster.isr({"orders", 0}).size() == 3; }));
}

TEST(ClusterLife, ANodeStartedAgainByAListenerOfItsDeathFindsItsDiskAlive) {
  TestCluster cluster;
  cluster.create_topic("orders");
  int restarts = 0;
  cluster.on_event([&](const protocol::Entry& entry, std::string_view) {
    if (entry.event != Event::killed || restarts++ > 0) return;
    cluster.cluster.restart(entry.node);
  });

  cluster.cluster.kill(NodeId::broker(cluster.leader(orders)));
  cluster.run_for(10s);

  EXPECT_EQ(cluster.produce(orders, batch_of({"a"}), Acks::all).error_code, ErrorCode::none);
  EXPECT_TRUE(cluster.eventually([&] { return cluster.isr(orders).size() == 3; }));
}

}  // namespace
}  // namespace acklab::broker
