// How leadership moves other than by a death: elections that are asked for, unclean ones, and brokers that end in good order.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "protocol/messages/elect_leaders.h"
#include "tests/broker/test_cluster.h"

namespace acklab::broker {
namespace {

using protocol::Acks;
using protocol::Direction;
using protocol::Election;
using protocol::ElectLeadersRequest;
using protocol::ElectLeadersResponse;
using protocol::Entry;
using protocol::ErrorCode;
using protocol::Event;
using protocol::NodeId;
using protocol::TopicPartition;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

const TopicPartition orders{"orders", 0};

class Leadership : public testing::Test {
 protected:
  void start(const Settings& topic = {}, const Settings& brokers = {}, const std::string& era = "4.1", int replicas = 3) {
    ClusterConfig config;
    config.set = brokers;
    config.era = *protocol::era_of(era);
    cluster.emplace(std::move(config));
    cluster->create_topic("orders", 1, replicas, topic);
    first = cluster->leader(orders);
    followers = cluster->followers(orders);
  }
  static NodeId node(BrokerId broker) { return NodeId::broker(broker); }
  bool leads(BrokerId broker) {
    return cluster->eventually([&] { return cluster->leader(orders) == broker; }, 10s);
  }
  bool all_in_sync() {
    return cluster->eventually([&] { return cluster->isr(orders).size() == 3; });
  }
  bool dies(BrokerId broker) {
    return cluster->eventually([&] { return !cluster->cluster.alive(node(broker)); }, 10s);
  }
  // The first replica dies and comes back; another one leads, and all are in sync.
  void lead_by_another() {
    cluster->cluster.kill(node(first));
    ASSERT_TRUE(cluster->eventually([&] { return cluster->leader(orders).known() && cluster->leader(orders) != first; }));
    cluster->cluster.restart(node(first));
    ASSERT_TRUE(all_in_sync());
    ASSERT_NE(cluster->leader(orders), first) << "nobody gives leadership back unasked";
  }
  // The leader acknowledges a record alone in the ISR, under acks=all, and dies; one of the others lives.
  void lose_the_last_in_sync() {
    for (const BrokerId follower : followers) cluster->cluster.kill(node(follower));
    ASSERT_TRUE(cluster->eventually([&] { return cluster->isr(orders).size() == 1; }));
    cluster->run_for(1s);  // the leader hears of it
    ASSERT_EQ(cluster->produce(orders, batch_of({"only here"}), Acks::all).error_code, ErrorCode::none);
    cluster->cluster.kill(node(first));
    cluster->cluster.restart(node(followers[0]));
    ASSERT_TRUE(cluster->eventually([&] { return cluster->seen(Event::elected).back().peer != node(first); }));
    cluster->run_for(5s);
  }
  Entry last(Event event) { return cluster->seen(event).back(); }
  // Produces until it is acknowledged; the values that it took are read back later.
  void produce_acknowledged(const std::string& value) {
    for (int attempt = 0; attempt < 1000; ++attempt) {
      if (cluster->leader(orders).known() &&
          cluster->produce(orders, batch_of({value}), Acks::all).error_code == ErrorCode::none) {
        acknowledged.push_back(value);
        return;
      }
      cluster->run_for(1ms);
    }
    FAIL() << value << " is never acknowledged";
  }

  std::optional<TestCluster> cluster;
  BrokerId first;  // of the assignment; leads at the beginning
  std::vector<BrokerId> followers;
  std::vector<std::string> acknowledged;
};

// --- Preferred elections ---

TEST_F(Leadership, APreferredElectionBringsItBackToTheFirstReplica) {
  start();
  cluster->produce(orders, batch_of({"a"}), Acks::all);
  lead_by_another();

  cluster->cluster.elect(Election::preferred, orders);

  ASSERT_TRUE(leads(first));
  EXPECT_EQ(last(Event::elected).code, ErrorCode::none);
  EXPECT_THAT(cluster->isr(orders), SizeIs(3)) << "nobody left the ISR for it";
  cluster->run_for(1s);
  EXPECT_EQ(cluster->produce(orders, batch_of({"b"}), Acks::all).error_code, ErrorCode::none);
  EXPECT_THAT(cluster->read(orders), ElementsAre("a", "b"));
}

// A3: nobody has failed, and yet what the leader alone had acknowledged is gone.
TEST_F(Leadership, APreferredElectionLosesWhatOnlyTheLeaderHadAcknowledged) {
  start();
  lead_by_another();
  const BrokerId second = cluster->leader(orders);
  cluster->world.stall(node(second), node(first), Direction::both);
  ASSERT_EQ(cluster->produce(orders, batch_of({"acks=1"}), Acks::leader).error_code, ErrorCode::none);

  cluster->cluster.elect(Election::preferred, orders);

  ASSERT_TRUE(leads(first));
  cluster->run_for(1s);  // it hears of it, and takes no more from its predecessor
  cluster->world.heal(node(second), node(first), Direction::both);
  ASSERT_TRUE(cluster->eventually([&] { return !cluster->seen(Event::truncated, node(second)).empty(); }));
  EXPECT_THAT(cluster->read(orders), IsEmpty());
}

TEST_F(Leadership, APreferredElectionThatCannotBeIsNone) {
  start();
  const auto before = cluster->seen(Event::elected).size();

  cluster->cluster.elect(Election::preferred, orders);
  cluster->cluster.elect(Election::preferred, {"nowhere", 0});
  cluster->cluster.elect(Election::preferred, {"orders", 7});
  cluster->run_for(1s);
  EXPECT_THAT(cluster->seen(Event::elected), SizeIs(before));

  cluster->cluster.kill(NodeId::controller());
  cluster->cluster.elect(Election::preferred, orders);  // nothing to a dead node
  cluster->run_for(1s);
}

// --- Unclean elections ---

TEST_F(Leadership, WithoutAnUncleanElectionThePartitionWaitsForItsLastInSyncReplica) {
  start();
  lose_the_last_in_sync();
  EXPECT_FALSE(cluster->leader(orders).known());

  cluster->cluster.restart(node(first));

  ASSERT_TRUE(leads(first));
  cluster->run_for(2s);
  EXPECT_THAT(cluster->read(orders), ElementsAre("only here"));
}

TEST_F(Leadership, AnUncleanElectionBringsThePartitionBackAndLosesWhatWasAcknowledged) {
  start();
  lose_the_last_in_sync();
  ASSERT_FALSE(cluster->leader(orders).known());

  cluster->cluster.elect(Election::unclean, orders);

  ASSERT_TRUE(leads(followers[0]));
  EXPECT_EQ(last(Event::elected).code, ErrorCode::eligible_leaders_not_available);
  EXPECT_THAT(cluster->isr(orders), ElementsAre(followers[0]));
  cluster->run_for(1s);
  EXPECT_THAT(cluster->read(orders), IsEmpty()) << "acks=all, and lost";
  EXPECT_EQ(cluster->produce(orders, batch_of({"another history"}), Acks::all).error_code, ErrorCode::none);

  cluster->cluster.restart(node(first));
  ASSERT_TRUE(cluster->eventually([&] { return !cluster->seen(Event::truncated, node(first)).empty(); }));
  EXPECT_THAT(cluster->read(orders), ElementsAre("another history"));
}

TEST_F(Leadership, ATopicThatAllowsItIsElectedUncleanlyUnasked) {
  start({{"unclean.leader.election.enable", "true"}});
  lose_the_last_in_sync();

  EXPECT_EQ(cluster->leader(orders), followers[0]);
  EXPECT_EQ(last(Event::elected).code, ErrorCode::eligible_leaders_not_available);
}

TEST_F(Leadership, BeforeKip106UncleanElectionsWereTheDefault) {
  start({}, {}, "0.10");
  lose_the_last_in_sync();
  EXPECT_EQ(cluster->leader(orders), followers[0]);

  start({}, {{"unclean.leader.election.enable", "false"}}, "0.10");
  lose_the_last_in_sync();
  EXPECT_FALSE(cluster->leader(orders).known());
}

// --- Controlled shutdown ---

// So long that nothing here can be due to a session that ended.
const Settings long_sessions = {{"broker.session.timeout.ms", "60000"}};

TEST_F(Leadership, ALeaderThatShutsDownUnderLoadLosesNothingAndIsNotMissed) {
  start({}, long_sessions);
  for (int i = 0; i < 20; ++i) produce_acknowledged("before " + std::to_string(i));

  cluster->cluster.shut_down(node(first));
  for (int i = 0; cluster->cluster.alive(node(first)) && i < 10000; ++i) produce_acknowledged("during " + std::to_string(i));

  ASSERT_FALSE(cluster->cluster.alive(node(first)));
  for (int i = 0; i < 20; ++i) produce_acknowledged("after " + std::to_string(i));
  EXPECT_THAT(cluster->read(orders), testing::IsSupersetOf(acknowledged));
  const Entry begun = last(Event::shutting_down), elected = last(Event::elected), fenced = last(Event::fenced),
              ended = last(Event::killed);
  EXPECT_EQ(begun.peer, node(first));
  EXPECT_LT(begun.number, elected.number);
  EXPECT_LT(elected.number, fenced.number) << "leadership moves before it ends";
  EXPECT_LT(fenced.number, ended.number);
  EXPECT_EQ(ended.node, node(first));
  const auto led = cluster->seen(Event::led);
  EXPECT_LT(std::find_if(led.begin(), led.end(), [&](const Entry& one) { return one.epoch == elected.epoch; })->number,
            fenced.number)
      << "the successor knew of it";
}

TEST_F(Leadership, ABrokerThatHasShutDownIsBackAtOnce) {
  start({}, long_sessions);
  cluster->cluster.shut_down(node(first));
  ASSERT_TRUE(dies(first));

  cluster->cluster.restart(node(first));

  EXPECT_TRUE(cluster->eventually([&] { return cluster->isr(orders).size() == 3; }, 5s))
      << "no session of its past stands in its way";
  cluster->cluster.elect(Election::preferred, orders);
  EXPECT_TRUE(leads(first));
}

TEST_F(Leadership, WhatABrokerHadWrittenIsFlushedWhenItEnds) {
  start({}, long_sessions, "4.1", 1);
  cluster->produce(orders, batch_of({"a", "b"}), Acks::leader);
  EXPECT_THAT(cluster->seen(Event::flushed), IsEmpty());

  cluster->cluster.shut_down(node(first));
  ASSERT_TRUE(dies(first)) << "it is the only replica, and ends all the same";
  EXPECT_FALSE(cluster->leader(orders).known());
  EXPECT_EQ(last(Event::flushed).offset.value, 2);

  cluster->cluster.restart(node(first));
  cluster->cluster.power_loss(node(first));
  cluster->cluster.restart(node(first));
  ASSERT_TRUE(leads(first));
  cluster->run_for(1s);
  EXPECT_THAT(cluster->read(orders), ElementsAre("a", "b"));
}

TEST_F(Leadership, AShutdownDoesNotAskForMinInsyncReplicas) {
  start({{"min.insync.replicas", "2"}}, long_sessions);
  ASSERT_EQ(cluster->produce(orders, batch_of({"a"}), Acks::all).error_code, ErrorCode::none);
  cluster->cluster.shut_down(node(followers[0]));
  ASSERT_TRUE(dies(followers[0]));
  cluster->run_for(1s);
  EXPECT_EQ(cluster->produce(orders, batch_of({"b"}), Acks::all).error_code, ErrorCode::none) << "two are enough";
  cluster->run_for(1s);  // the follower hears that it is committed: below min.insync.replicas it could not find out

  cluster->cluster.shut_down(node(first));
  ASSERT_TRUE(dies(first));

  EXPECT_THAT(cluster->isr(orders), ElementsAre(followers[1]));
  EXPECT_EQ(cluster->produce(orders, batch_of({"c"}), Acks::all).error_code, ErrorCode::not_enough_replicas);
  EXPECT_THAT(cluster->read(orders), ElementsAre("a", "b"));
}

TEST_F(Leadership, ABrokerWaitsUntilAllOthersKnowThatItLeadsNoMore) {
  start({}, long_sessions);
  cluster->world.stall(NodeId::controller(), node(followers[0]), Direction::forward);

  cluster->cluster.shut_down(node(first));
  cluster->run_for(10s);
  EXPECT_TRUE(cluster->cluster.alive(node(first)));
  EXPECT_NE(cluster->leader(orders), first);
  EXPECT_THAT(cluster->seen(Event::fenced), IsEmpty());

  cluster->world.heal(NodeId::controller(), node(followers[0]), Direction::forward);
  EXPECT_TRUE(dies(first));
}

TEST_F(Leadership, ABrokerThatCannotReachTheControllerGoesOnTrying) {
  start();
  cluster->world.cut(node(first), NodeId::controller(), Direction::both);
  cluster->cluster.shut_down(node(first));
  cluster->cluster.shut_down(node(first));
  cluster->run_for(30s);
  EXPECT_TRUE(cluster->cluster.alive(node(first)));

  cluster->world.heal(node(first), NodeId::controller(), Direction::both);

  EXPECT_TRUE(dies(first));
  EXPECT_THAT(cluster->seen(Event::killed), SizeIs(1));
  cluster->cluster.shut_down(node(first));  // nothing to a dead one
  cluster->run_for(1s);
}

// --- ElectLeaders, the request ---

TEST_F(Leadership, AnyBrokerTakesElectLeadersInEveryVersionAndTheControllerDecides) {
  start();
  for (std::int16_t version = 0; version <= 2; ++version) {
    lead_by_another();
    ElectLeadersRequest request;
    request.topic_partitions->push_back({"orders", {0, 1}});

    const auto answer = cluster->ask<ElectLeadersResponse>(followers[0], request, version);

    ASSERT_TRUE(answer.has_value());
    ASSERT_EQ(answer->topics.at(0).partitions.size(), 2U);
    EXPECT_EQ(answer->topics[0].partitions[0].error_code, ErrorCode::none);
    EXPECT_EQ(answer->topics[0].partitions[1].error_code, ErrorCode::unknown_topic_or_partition);
    EXPECT_EQ(cluster->leader(orders), first);
    const auto again = cluster->ask<ElectLeadersResponse>(followers[0], request, version);
    EXPECT_EQ(again->topics.at(0).partitions.at(0).error_code, ErrorCode::election_not_needed);
  }
}

TEST_F(Leadership, AnElectionOfNoKnownKindIsAnInvalidRequest) {
  start();
  ElectLeadersRequest request;
  request.election_type = 2;
  request.topic_partitions->push_back({"orders", {0}});

  const auto answer = cluster->ask<ElectLeadersResponse>(first, request);

  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->error_code, ErrorCode::invalid_request);
  EXPECT_EQ(answer->topics.at(0).partitions.at(0).error_code, ErrorCode::invalid_request);
}

TEST_F(Leadership, ElectLeadersWithoutTheControllerTimesOut) {
  start();
  cluster->cluster.kill(NodeId::controller());
  cluster->run_for(1s);
  ElectLeadersRequest request;
  request.topic_partitions->push_back({"orders", {0}});

  const auto answer = cluster->ask<ElectLeadersResponse>(first, request);

  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->error_code, ErrorCode::request_timed_out);
}

}  // namespace
}  // namespace acklab::broker
