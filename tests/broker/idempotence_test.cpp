// The broker's side of idempotence, over the wire.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "protocol/messages/init_producer_id.h"
#include "tests/broker/test_cluster.h"

namespace acklab::broker {
namespace {

using protocol::Acks;
using protocol::ErrorCode;
using protocol::Event;
using protocol::NodeId;
using protocol::TopicPartition;
using testing::ElementsAre;
using testing::SizeIs;

const TopicPartition orders{"orders", 0};

protocol::Slice numbered(const std::vector<std::string>& values, std::int32_t sequence, std::int16_t epoch = 0) {
  return protocol::with_producer(batch_of(values), {4000}, {epoch}, {sequence});
}

TEST(Idempotence, ABatchSentAgainIsAnsweredWithTheOffsetOfItsFirstCopy) {
  TestCluster cluster;
  cluster.create_topic("orders");
  cluster.produce(orders, numbered({"a", "b"}, 0), Acks::all);
  cluster.produce(orders, numbered({"c"}, 2), Acks::all);

  const auto again = cluster.produce(orders, numbered({"a", "b"}, 0), Acks::all);

  EXPECT_EQ(again.error_code, ErrorCode::none);
  EXPECT_EQ(again.base_offset, 0);
  EXPECT_EQ(again.log_append_time_ms, 1000) << "the first copy's, as Kafka says it even where producers set the time";
  EXPECT_THAT(cluster.read(orders), ElementsAre("a", "b", "c"));
  ASSERT_THAT(cluster.seen(Event::duplicate), SizeIs(1));
  EXPECT_EQ(cluster.seen(Event::duplicate)[0].sequence.value, 0);
}

TEST(Idempotence, ADuplicateUnderAcksAllWaitsForItsFirstCopyToBeReplicated) {
  TestCluster cluster;
  cluster.create_topic("orders");
  const NodeId leader = NodeId::broker(cluster.leader(orders));
  for (const BrokerId follower : cluster.followers(orders)) {
    cluster.world.stall(leader, NodeId::broker(follower), protocol::Direction::both);
  }
  cluster.produce(orders, numbered({"a"}, 0), Acks::leader);

  const auto again = cluster.produce(orders, numbered({"a"}, 0), Acks::all, 1000);

  EXPECT_EQ(again.error_code, ErrorCode::request_timed_out);
}

TEST(Idempotence, AGapIsRefusedAndAnOldEpochToo) {
  TestCluster cluster;
  cluster.create_topic("orders");
  cluster.produce(orders, numbered({"a"}, 0, 1), Acks::all);

  const auto gap = cluster.produce(orders, numbered({"c"}, 2, 1), Acks::all);
  EXPECT_EQ(gap.error_code, ErrorCode::out_of_order_sequence_number);
  EXPECT_EQ(gap.log_start_offset, 0);
  EXPECT_EQ(cluster.produce(orders, numbered({"b"}, 1, 0), Acks::all).error_code, ErrorCode::invalid_producer_epoch);
  EXPECT_EQ(cluster.produce(orders, numbered({"b"}, 1, 1), Acks::all).error_code, ErrorCode::none);
  EXPECT_THAT(cluster.seen(Event::refused), SizeIs(2));
}

TEST(Idempotence, ANewLeaderKnowsWhatTheOldOneHadSeen) {
  TestCluster cluster;
  cluster.create_topic("orders");
  cluster.produce(orders, numbered({"a"}, 0), Acks::all);
  const BrokerId old = cluster.leader(orders);
  cluster.cluster.kill(NodeId::broker(old));
  ASSERT_TRUE(cluster.eventually([&] { return cluster.leader(orders).known() && cluster.leader(orders) != old; }));
  cluster.run_for(1s);

  const auto again = cluster.produce(orders, numbered({"a"}, 0), Acks::all);

  EXPECT_EQ(again.error_code, ErrorCode::none);
  EXPECT_EQ(again.base_offset, 0);
  EXPECT_THAT(cluster.read(orders), ElementsAre("a"));
}

// A leader takes two batches that nobody else has and dies; its successor takes the first of them again. When the old one comes back its
// log is cut, and what it remembered of the second batch with it.
TEST(Idempotence, WhatIsCutFromTheLogIsCutFromTheMemoryOfProducers) {
  TestCluster cluster;
  cluster.create_topic("orders");
  cluster.produce(orders, numbered({"a"}, 0), Acks::all);
  const BrokerId old = cluster.leader(orders);
  for (const BrokerId follower : cluster.followers(orders)) {
    cluster.world.stall(NodeId::broker(old), NodeId::broker(follower), protocol::Direction::both);
  }
  cluster.produce(orders, numbered({"b"}, 1), Acks::leader);
  cluster.produce(orders, numbered({"c"}, 2), Acks::leader);
  const auto fails_over_from = [&](BrokerId leader) {
    cluster.cluster.kill(NodeId::broker(leader));
    return cluster.eventually([&] { return cluster.leader(orders).known() && cluster.leader(orders) != leader; });
  };

  ASSERT_TRUE(fails_over_from(old));
  const BrokerId successor = cluster.leader(orders);
  for (const BrokerId follower : {BrokerId{0}, BrokerId{1}, BrokerId{2}}) {
    if (follower != old) cluster.world.heal(NodeId::broker(old), NodeId::broker(follower), protocol::Direction::both);
  }
  cluster.run_for(1s);
  EXPECT_EQ(cluster.produce(orders, numbered({"b"}, 1), Acks::all).base_offset, 1);
  cluster.cluster.restart(NodeId::broker(old));
  ASSERT_TRUE(cluster.eventually([&] { return cluster.isr(orders).size() == 3; }));
  EXPECT_THAT(cluster.seen(Event::truncated), SizeIs(1));
  ASSERT_TRUE(fails_over_from(successor));
  ASSERT_EQ(cluster.leader(orders), old);
  cluster.run_for(1s);

  EXPECT_EQ(cluster.produce(orders, numbered({"b"}, 1), Acks::all).base_offset, 1) << "a duplicate of the successor's copy";
  EXPECT_THAT(cluster.seen(Event::duplicate), SizeIs(1));
  EXPECT_EQ(cluster.produce(orders, numbered({"c"}, 2), Acks::all).base_offset, 2);
  EXPECT_THAT(cluster.seen(Event::duplicate), SizeIs(1)) << "the last batch is new";
  EXPECT_THAT(cluster.read(orders), ElementsAre("a", "b", "c"));
}

TEST(Idempotence, NoTwoProducersAreGivenTheSameIdByAnyBrokers) {
  TestCluster cluster;
  std::set<std::int64_t> ids;

  for (int i = 0; i < 30; ++i) {
    const auto given =
        cluster.ask<protocol::InitProducerIdResponse>({i % 3}, protocol::InitProducerIdRequest{.transactional_id = {}});
    ASSERT_TRUE(given.has_value());
    EXPECT_EQ(given->error_code, ErrorCode::none);
    EXPECT_EQ(given->producer_epoch, 0);
    ids.insert(given->producer_id);
  }

  EXPECT_THAT(ids, SizeIs(30));
}

TEST(Idempotence, WhoeverAsksWhileABlockIsOnItsWayGetsAnIdOfItsOwn) {
  TestCluster cluster;
  std::vector<Wire*> wires;
  for (int i = 0; i < 10; ++i) wires.push_back(&cluster.connect({0}));
  for (Wire* wire : wires) cluster.send_request(*wire, protocol::InitProducerIdRequest{.transactional_id = {}}, 4);

  std::set<std::int64_t> ids;
  for (Wire* wire : wires) {
    const auto given = cluster.answer<protocol::InitProducerIdResponse>(*wire, 1, 4);
    ASSERT_TRUE(given.has_value());
    ids.insert(given->producer_id);
  }

  EXPECT_THAT(ids, SizeIs(10));
}

TEST(Idempotence, ATransactionalIdFindsNoCoordinator) {
  TestCluster cluster;

  const auto given =
      cluster.ask<protocol::InitProducerIdResponse>({0}, protocol::InitProducerIdRequest{.transactional_id = "transfer"});

  ASSERT_TRUE(given.has_value());
  EXPECT_EQ(given->error_code, ErrorCode::coordinator_not_available);
}

}  // namespace
}  // namespace acklab::broker
