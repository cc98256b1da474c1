// What a cluster of replicas promises: real logs, real fetches, in the simulator.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>

#include "protocol/messages/offset_for_leader_epoch.h"
#include "tests/broker/test_cluster.h"

namespace acklab::broker {
namespace {

using protocol::Acks;
using protocol::Direction;
using protocol::Entry;
using protocol::ErrorCode;
using protocol::Event;
using protocol::NodeId;
using protocol::TopicPartition;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

const TopicPartition orders{"orders", 0};

class Replication : public testing::Test {
 protected:
  // A topic of three replicas; `settings` as a user would give them.
  void start(const Settings& topic = {}, const Settings& brokers = {}) {
    ClusterConfig config;
    config.set = brokers;
    cluster.emplace(std::move(config));
    cluster->create_topic("orders", 1, 3, topic);
    leader = cluster->leader(orders);
    followers = cluster->followers(orders);
  }
  NodeId node(BrokerId broker) const { return NodeId::broker(broker); }
  // What the leader sends to its followers waits; they do not learn of anything new.
  void stall(BrokerId from, BrokerId to) { cluster->world.stall(node(from), node(to), Direction::both); }
  void heal(BrokerId from, BrokerId to) { cluster->world.heal(node(from), node(to), Direction::both); }
  void stall_followers() {
    for (const BrokerId follower : followers) stall(leader, follower);
  }
  void heal_followers() {
    for (const BrokerId follower : followers) heal(leader, follower);
  }
  bool elects_another_than(BrokerId old) {
    return cluster->eventually([&] { return cluster->leader(orders).known() && cluster->leader(orders) != old; });
  }
  // Where the broker's log ends, by its own account in the journal.
  std::int64_t high_watermark(BrokerId broker) {
    const auto moves = cluster->seen(Event::high_watermark, node(broker));
    return moves.empty() ? 0 : moves.back().offset.value;
  }

  std::optional<TestCluster> cluster;
  BrokerId leader;
  std::vector<BrokerId> followers;
};

TEST_F(Replication, WhatIsProducedWithAnyAcksIsReadBackInItsOrder) {
  start();

  EXPECT_EQ(cluster->produce(orders, batch_of({"a", "b"}), Acks::leader).base_offset, 0);
  EXPECT_EQ(cluster->produce(orders, batch_of({"c"}), Acks::all).base_offset, 2);
  cluster->send_request(cluster->connect(leader), produce_request(orders, batch_of({"d"}), Acks::none), 9);
  cluster->run_for(2s);

  EXPECT_THAT(cluster->read(orders), ElementsAre("a", "b", "c", "d"));
}

TEST_F(Replication, EveryReplicaHoldsTheSameBatches) {
  start();

  cluster->produce(orders, batch_of({"a", "b"}), Acks::all);
  cluster->produce(orders, batch_of({"c"}), Acks::all);

  for (const BrokerId follower : followers) {
    const auto copies = cluster->seen(Event::replicated, node(follower));
    ASSERT_THAT(copies, SizeIs(2));
    EXPECT_EQ(copies[0].offset.value, 0);
    EXPECT_EQ(copies[0].count, 2);
    EXPECT_EQ(copies[1].offset.value, 2);
    EXPECT_EQ(copies[1].peer, node(leader));
  }
}

TEST_F(Replication, AcksAllIsAnsweredOnlyWhenEveryInSyncReplicaHasTheBatch) {
  start();
  stall(leader, followers[0]);
  Wire& wire = cluster->connect(leader);

  const auto correlation = cluster->send_request(wire, produce_request(orders, batch_of({"a"}), Acks::all), 9);

  EXPECT_FALSE(cluster->next_frame(wire, 5s).has_value());
  EXPECT_THAT(cluster->read(orders), IsEmpty()) << "what is not committed is not shown";
  heal(leader, followers[0]);
  const auto answer = cluster->answer<protocol::ProduceResponse>(wire, correlation, 9);
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->topics[0].partitions[0].error_code, ErrorCode::none);
  EXPECT_EQ(answer->topics[0].partitions[0].base_offset, 0);
  EXPECT_THAT(cluster->read(orders), ElementsAre("a"));
}

TEST_F(Replication, APipelineUnderAcksAllNeverWaitsForAFetchToTimeOut) {
  start();
  Wire& wire = cluster->connect(leader);
  const auto begin = cluster->world.now();
  for (int i = 0; i < 50; ++i) cluster->send_request(wire, produce_request(orders, batch_of({"a"}), Acks::all), 9);

  for (int i = 0; i < 50; ++i) ASSERT_TRUE(cluster->answer<protocol::ProduceResponse>(wire, i + 1, 9).has_value());

  EXPECT_LT(cluster->world.now() - begin, 500ms) << "replica.fetch.wait.max.ms";
}

TEST_F(Replication, AcksOneIsAnsweredAtOnceWhateverTheFollowersDo) {
  start();
  stall_followers();

  EXPECT_EQ(cluster->produce(orders, batch_of({"a"}), Acks::leader).error_code, ErrorCode::none);
}

TEST_F(Replication, AWaitThatLastsTooLongEndsWithATimeOutAndTheBatchStays) {
  start();
  stall_followers();

  const auto answer = cluster->produce(orders, batch_of({"a"}), Acks::all, 1000);

  EXPECT_EQ(answer.error_code, ErrorCode::request_timed_out);
  EXPECT_EQ(answer.base_offset, -1);
  heal_followers();
  EXPECT_TRUE(cluster->eventually([&] { return high_watermark(leader) == 1; }));
  EXPECT_THAT(cluster->read(orders), ElementsAre("a"));
}

TEST_F(Replication, AFollowerThatStaysBehindLeavesTheIsrAndComesBackWhenItHasCaughtUp) {
  start({}, {{"replica.lag.time.max.ms", "2000"}});
  stall(leader, followers[0]);

  EXPECT_EQ(cluster->produce(orders, batch_of({"a"}), Acks::all).error_code, ErrorCode::none)
      << "once it has left, it is not waited for";
  EXPECT_THAT(cluster->isr(orders), testing::Not(testing::Contains(followers[0])));

  heal(leader, followers[0]);
  EXPECT_TRUE(cluster->eventually([&] { return cluster->isr(orders).size() == 3; }));
  EXPECT_EQ(cluster->leader(orders), leader) << "no election was needed";
}

// A follower keeps up by what it asks for, and not by being answered: it may be gone when its Fetch has waited long enough.
TEST_F(Replication, AFollowerIsInSyncAsOfItsLastFetchHoweverLongThatWaits) {
  start({}, {{"replica.lag.time.max.ms", "2000"}});
  stall(leader, followers[0]);
  protocol::FetchRequest request = fetch_request(orders, 0, 3000);
  request.topics[0].topic_id = cluster->topic_id("orders");
  request.replica_state = {followers[0].value, -1};
  Wire& wire = cluster->connect(leader);
  const auto correlation = cluster->send_request(wire, request, 15);
  const auto asked_at = cluster->world.now();

  ASSERT_TRUE(cluster->answer<protocol::FetchResponse>(wire, correlation, 15).has_value());
  EXPECT_GE(cluster->world.now() - asked_at, 3s);
  cluster->produce(orders, batch_of({"a"}), Acks::leader);

  ASSERT_TRUE(cluster->eventually([&] { return cluster->isr(orders).size() == 2; }));
  EXPECT_LT(cluster->world.now() - asked_at, 3s + 1s + 500ms)
      << "the next check of the ISR, and not two seconds after the answer";
}

// A follower catches up and its leader proposes it for the ISR; the proposal is long on its way. Meanwhile the follower dies, loses all that
// it had, and is back before the proposal arrives: it must not be let in for a log that is no more (KIP-903).
TEST_F(Replication, AFollowerThatLostItsLogIsNotLetInForWhatItHadBefore) {
  start({}, {{"replica.lag.time.max.ms", "2000"}});
  const BrokerId lost = followers[0];
  const NodeId controller = NodeId::controller();
  stall(leader, lost);
  cluster->produce(orders, batch_of({"a"}), Acks::all);
  ASSERT_THAT(cluster->isr(orders), SizeIs(2));
  const auto proposed = std::make_shared<bool>(false);  // the cluster tells on after the test's end
  cluster->on_event([this, proposed, lost, controller](const Entry& entry, std::string_view) {
    if (*proposed || entry.event != Event::isr_proposed || !entry.brokers.contains(lost)) return;
    *proposed = true;
    cluster->world.stall(node(leader), controller, Direction::forward);
  });

  // The controller believes a broker dead some time after it has last heard of it; it is to be over with this one before the leader's turn.
  cluster->world.stall(node(lost), controller, Direction::both);
  cluster->run_for(1s);
  heal(leader, lost);
  ASSERT_TRUE(cluster->eventually([&] { return *proposed; }));
  cluster->cluster.power_loss(node(lost));
  stall(leader, lost);
  cluster->world.heal(node(lost), controller, Direction::both);
  cluster->cluster.restart(node(lost));
  const std::size_t returns = cluster->seen(Event::unfenced).size();
  ASSERT_TRUE(cluster->eventually([&] { return cluster->seen(Event::unfenced).size() > returns; }));
  cluster->world.heal(node(leader), controller, Direction::forward);
  cluster->run_for(1s);

  EXPECT_EQ(cluster->leader(orders), leader);
  EXPECT_THAT(cluster->isr(orders), testing::Not(testing::Contains(lost)));
  heal(leader, lost);
  EXPECT_TRUE(cluster->eventually([&] { return cluster->isr(orders).size() == 3; }));
}

TEST_F(Replication, WhoProducesToAFollowerIsToldTheLeaderSinceVersion10) {
  start();
  const auto produced = [&](std::int16_t version) {
    return *cluster->ask<protocol::ProduceResponse>(followers[0], produce_request(orders, batch_of({"a"}), Acks::all), version);
  };

  EXPECT_FALSE(produced(9).node_endpoints.has_value());
  const auto answer = produced(10);

  const auto& partition = answer.topics.at(0).partitions.at(0);
  EXPECT_EQ(partition.error_code, ErrorCode::not_leader_or_follower);
  ASSERT_TRUE(partition.current_leader.has_value());
  EXPECT_EQ(partition.current_leader->leader_id, leader.value);
  EXPECT_EQ(partition.current_leader->leader_epoch, 0);
  ASSERT_TRUE(answer.node_endpoints.has_value());
  ASSERT_THAT(*answer.node_endpoints, SizeIs(1));
  EXPECT_EQ(answer.node_endpoints->at(0).node_id, leader.value);
  EXPECT_EQ(answer.node_endpoints->at(0).port, cluster->cluster.bootstrap()[static_cast<std::size_t>(leader.value)].port);
}

TEST_F(Replication, FewerInSyncReplicasThanMinIsrAreRefusedBeforeTheAppend) {
  start({{"min.insync.replicas", "2"}});
  for (const BrokerId follower : followers) cluster->cluster.kill(node(follower));
  ASSERT_TRUE(cluster->eventually([&] { return cluster->isr(orders).size() == 1; }));
  cluster->run_for(1s);  // the leader hears of it

  EXPECT_EQ(cluster->produce(orders, batch_of({"a"}), Acks::all).error_code, ErrorCode::not_enough_replicas);
  EXPECT_THAT(cluster->seen(Event::appended), IsEmpty());
  EXPECT_EQ(cluster->produce(orders, batch_of({"b"}), Acks::leader).error_code, ErrorCode::none) << "acks=1 does not ask";
}

TEST_F(Replication, BelowMinIsrTheHighWatermarkStandsStill) {
  start({{"min.insync.replicas", "2"}});
  for (const BrokerId follower : followers) cluster->cluster.kill(node(follower));
  ASSERT_TRUE(cluster->eventually([&] { return cluster->isr(orders).size() == 1; }));

  EXPECT_EQ(cluster->produce(orders, batch_of({"a"}), Acks::leader).error_code, ErrorCode::none);
  cluster->run_for(5s);

  EXPECT_THAT(cluster->read(orders), IsEmpty());
}

TEST_F(Replication, BeforeStrictMinIsrABatchCommittedByTooFewIsAnsweredSo) {
  ClusterConfig config;
  config.era = *protocol::era_of("3.6");
  cluster.emplace(std::move(config));
  cluster->create_topic("orders", 1, 3, {{"min.insync.replicas", "2"}});
  leader = cluster->leader(orders);
  followers = cluster->followers(orders);
  stall_followers();
  Wire& wire = cluster->connect(leader);
  const auto correlation = cluster->send_request(wire, produce_request(orders, batch_of({"a"}), Acks::all), 9);
  ASSERT_TRUE(cluster->eventually([&] { return !cluster->seen(Event::appended).empty(); }));

  for (const BrokerId follower : followers) cluster->cluster.kill(node(follower));

  const auto answer = cluster->answer<protocol::ProduceResponse>(wire, correlation, 9);
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->topics[0].partitions[0].error_code, ErrorCode::not_enough_replicas_after_append);
}

TEST_F(Replication, AcknowledgedByAllSurvivesTheDeathOfTheLeader) {
  start();
  cluster->produce(orders, batch_of({"a"}), Acks::all);

  cluster->cluster.kill(node(leader));

  ASSERT_TRUE(elects_another_than(leader));
  EXPECT_TRUE(cluster->eventually([&] { return cluster->read(orders) == std::vector<std::string>{"a"}; }));
  EXPECT_EQ(cluster->produce(orders, batch_of({"b"}), Acks::all).base_offset, 1);
}

TEST_F(Replication, AReturningLeaderCutsWhatItsSuccessorNeverHad) {
  start();
  cluster->produce(orders, batch_of({"shared"}), Acks::all);
  stall_followers();
  cluster->produce(orders, batch_of({"lost 1", "lost 2"}), Acks::leader);
  cluster->cluster.kill(node(leader));
  ASSERT_TRUE(elects_another_than(leader));
  heal_followers();
  ASSERT_TRUE(
      cluster->eventually([&] { return cluster->produce(orders, batch_of({"kept"}), Acks::all).error_code == ErrorCode::none; }));

  cluster->cluster.restart(node(leader));

  ASSERT_TRUE(cluster->eventually([&] { return cluster->isr(orders).size() == 3; }));
  const auto cuts = cluster->seen(Event::truncated, node(leader));
  ASSERT_THAT(cuts, SizeIs(1));
  EXPECT_EQ(cuts[0].offset.value, 1);
  EXPECT_EQ(cuts[0].count, 2);
  EXPECT_THAT(cluster->read(orders), ElementsAre("shared", "kept"));
}

TEST_F(Replication, ATermInWhichNothingWasAppendedDoesNotKeepAReplicaFromFollowing) {
  start();
  cluster->produce(orders, batch_of({"a"}), Acks::all);
  // Everybody leads once, without a batch of its own.
  for (int i = 0; i < 2; ++i) {
    const BrokerId old = cluster->leader(orders);
    cluster->cluster.kill(node(old));
    ASSERT_TRUE(elects_another_than(old));
    cluster->cluster.restart(node(old));
    ASSERT_TRUE(cluster->eventually([&] { return cluster->isr(orders).size() == 3; }));
  }

  EXPECT_EQ(cluster->produce(orders, batch_of({"b"}), Acks::all).base_offset, 1);
  EXPECT_THAT(cluster->seen(Event::truncated), IsEmpty());
}

TEST_F(Replication, WhoWaitsForAcksAllIsToldWhenLeadershipIsLost) {
  start();
  Wire& wire = cluster->connect(leader);
  // Alone towards everybody but its client: the controller gives the partition to another one.
  for (const BrokerId follower : followers) cluster->world.cut(node(leader), node(follower), Direction::both);
  cluster->world.cut(node(leader), NodeId::controller(), Direction::both);
  const auto correlation = cluster->send_request(wire, produce_request(orders, batch_of({"a"}), Acks::all, 60000), 9);
  ASSERT_TRUE(elects_another_than(leader));
  cluster->run_for(100ms);  // the successor leads, and follows nobody any more
  EXPECT_TRUE(wire.frames.empty()) << "it does not know of its successor yet";

  for (const BrokerId follower : followers) cluster->world.heal(node(leader), node(follower), Direction::both);
  cluster->world.heal(node(leader), NodeId::controller(), Direction::both);

  const auto answer = cluster->answer<protocol::ProduceResponse>(wire, correlation, 9);
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->topics[0].partitions[0].error_code, ErrorCode::not_leader_or_follower);
  EXPECT_TRUE(cluster->eventually([&] { return cluster->isr(orders).size() == 3; }));
  EXPECT_THAT(cluster->read(orders), IsEmpty());
}

TEST_F(Replication, AfterAPowerLossOfEveryReplicaWhatWasFlushedIsThere) {
  start({{"flush.messages", "1"}});
  cluster->produce(orders, batch_of({"a", "b"}), Acks::all);
  EXPECT_FALSE(cluster->seen(Event::flushed).empty());

  for (const BrokerId broker : cluster->cluster.brokers()) cluster->cluster.power_loss(node(broker));
  for (const BrokerId broker : cluster->cluster.brokers()) cluster->cluster.restart(node(broker));

  ASSERT_TRUE(cluster->eventually([&] { return cluster->isr(orders).size() == 3 && cluster->leader(orders).known(); }));
  cluster->run_for(5s);
  EXPECT_THAT(cluster->read(orders), ElementsAre("a", "b"));
}

TEST_F(Replication, WhatIsOlderThanFlushMsIsOnTheDisk) {
  start({{"flush.ms", "2000"}}, {{"log.flush.scheduler.interval.ms", "500"}});
  cluster->produce(orders, batch_of({"a"}), Acks::all);
  cluster->run_for(1s);
  EXPECT_THAT(cluster->seen(Event::flushed), IsEmpty());

  cluster->run_for(2s);

  EXPECT_THAT(cluster->seen(Event::flushed), SizeIs(3)) << "each replica flushes by itself";
  cluster->run_for(10s);
  EXPECT_THAT(cluster->seen(Event::flushed), SizeIs(3)) << "and nothing twice";
}

// As in Kafka, where nobody looks unless he is told to.
TEST_F(Replication, FlushMsAloneDoesNothing) {
  start({{"flush.ms", "1"}});
  cluster->produce(orders, batch_of({"a"}), Acks::all);

  cluster->run_for(10s);

  EXPECT_THAT(cluster->seen(Event::flushed), IsEmpty());
}

TEST_F(Replication, AKillAtTheAppendLeavesTheBatchOnTheDiskAndTheClientWithoutAnAnswer) {
  start();
  bool fired = false;
  cluster->on_event([&](const Entry& entry, std::string_view) {
    if (entry.event != Event::appended || fired) return;
    fired = true;
    cluster->cluster.kill(entry.node);
  });
  Wire& wire = cluster->connect(leader);

  cluster->send_request(wire, produce_request(orders, batch_of({"a"}), Acks::leader), 9);

  EXPECT_TRUE(cluster->closes(wire));
  EXPECT_EQ(wire.bytes, 0U);
  EXPECT_THAT(cluster->seen(Event::answered), IsEmpty());
  ASSERT_TRUE(elects_another_than(leader));
  cluster->cluster.restart(node(leader));
  ASSERT_TRUE(cluster->eventually([&] { return !cluster->seen(Event::truncated, node(leader)).empty(); }))
      << "it had been written, and the successor never saw it";
}

TEST_F(Replication, TheHighWatermarkIsRememberedAcrossARestart) {
  start({}, {{"replica.high.watermark.checkpoint.interval.ms", "1000"}});
  cluster->produce(orders, batch_of({"a", "b", "c"}), Acks::all);
  cluster->run_for(3s);
  for (const BrokerId broker : cluster->cluster.brokers()) cluster->cluster.kill(node(broker));
  cluster->run_for(3s);
  // Only the last member of the ISR may lead; alone it could not learn the high watermark from anybody.
  ASSERT_THAT(cluster->isr(orders), SizeIs(1));
  const BrokerId last = cluster->isr(orders)[0];
  const auto moves_before = cluster->seen(Event::high_watermark, node(last)).size();

  cluster->cluster.restart(node(last));

  ASSERT_TRUE(cluster->eventually([&] { return cluster->leader(orders) == last; }));
  cluster->run_for(1s);
  EXPECT_THAT(cluster->read(orders), ElementsAre("a", "b", "c"));
  EXPECT_EQ(cluster->seen(Event::high_watermark, node(last)).size(), moves_before);
}

TEST_F(Replication, TheEndOfAnEpochIsWhereTheNextOneBegan) {
  start();
  cluster->produce(orders, batch_of({"a", "b"}), Acks::all);
  cluster->cluster.kill(node(leader));
  ASSERT_TRUE(elects_another_than(leader));
  cluster->run_for(1s);
  ASSERT_EQ(cluster->produce(orders, batch_of({"c"}), Acks::all).error_code, ErrorCode::none);
  const std::int32_t epoch = cluster->seen(Event::appended).back().epoch.value;

  const auto end_of = [&](std::int32_t asked, std::int32_t current) {
    protocol::OffsetForLeaderEpochRequest request;
    request.topics.push_back({"orders", {{.partition = 0, .current_leader_epoch = current, .leader_epoch = asked}}});
    return cluster->ask<protocol::OffsetForLeaderEpochResponse>(cluster->leader(orders), request)->topics[0].partitions[0];
  };

  EXPECT_EQ(end_of(epoch, -1).end_offset, 3);
  EXPECT_EQ(end_of(epoch - 1, epoch).end_offset, 2);
  EXPECT_EQ(end_of(epoch + 7, epoch).end_offset, -1);
  EXPECT_EQ(end_of(epoch, epoch - 1).error_code, ErrorCode::fenced_leader_epoch);
  EXPECT_EQ(end_of(epoch, epoch + 1).error_code, ErrorCode::unknown_leader_epoch);
}

TEST_F(Replication, ThePartitionsOfOneLeaderAreFollowedOverOneConnection) {
  TestCluster many;
  many.create_topic("wide", 12, 3);

  for (int p = 0; p < 12; ++p) {
    const TopicPartition partition{"wide", p};
    EXPECT_EQ(many.produce(partition, batch_of({"x"}), Acks::all).error_code, ErrorCode::none);
  }

  for (int p = 0; p < 12; ++p) EXPECT_THAT(many.read({"wide", p}), ElementsAre("x"));
}

TEST_F(Replication, TheSameSeedGivesTheSameTrace) {
  const auto trace = [](std::uint64_t seed) {
    protocol::SimConfig sim;
    sim.seed = seed;
    ClusterConfig config;
    config.seed = seed;
    TestCluster one(std::move(config), std::move(sim));
    one.create_topic("orders");
    one.produce(orders, batch_of({"a"}), Acks::all);
    one.cluster.power_loss(NodeId::broker(one.leader(orders)));
    one.run_for(10s);
    return one.world.journal().trace_hash();
  };

  EXPECT_EQ(trace(7), trace(7));
  EXPECT_NE(trace(7), trace(8));
}

}  // namespace
}  // namespace acklab::broker
