// What a cluster of replicas promises: real logs, real fetches, in the simulator.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/broker/test_cluster.h"

namespace acklab::broker {
namespace {

using protocol::Acks;
using protocol::Entry;
using protocol::ErrorCode;
using protocol::Event;
using protocol::NodeId;
using protocol::TopicPartition;
using testing::ElementsAre;
using testing::IsEmpty;

const TopicPartition orders{"orders", 0};

TEST(Replication, WhatIsProducedWithAnyAcksIsReadBackInItsOrder) {
  TestCluster cluster;
  cluster.create_topic("orders");

  EXPECT_EQ(cluster.produce(orders, batch_of({"a", "b"}), Acks::leader).base_offset, 0);
  EXPECT_EQ(cluster.produce(orders, batch_of({"c"}), Acks::all).base_offset, 2);
  cluster.send_request(cluster.connect(cluster.leader(orders)), produce_request(orders, batch_of({"d"}), Acks::none), 9);
  cluster.run_for(2s);

  EXPECT_THAT(cluster.read(orders), ElementsAre("a", "b", "c", "d"));
}

}  // namespace
}  // namespace acklab::broker
