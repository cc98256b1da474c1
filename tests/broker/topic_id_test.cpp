// Topics by id (KIP-516): a topic that was deleted and made anew under the same name is another one, and whoever means the old one is
// told so. And who asks the wrong broker hears which one is right (KIP-951).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "protocol/messages/delete_topics.h"
#include "tests/broker/test_cluster.h"

namespace acklab::broker {
namespace {

using protocol::Acks;
using protocol::CreateTopicsRequest;
using protocol::CreateTopicsResponse;
using protocol::DeleteTopicsRequest;
using protocol::DeleteTopicsResponse;
using protocol::Direction;
using protocol::ErrorCode;
using protocol::Event;
using protocol::FetchRequest;
using protocol::FetchResponse;
using protocol::MetadataRequest;
using protocol::MetadataResponse;
using protocol::NodeId;
using protocol::ProduceRequest;
using protocol::ProduceResponse;
using protocol::Uuid;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

constexpr std::int16_t produce_by_id = ProduceRequest::last_version_by_name + 1;
constexpr std::int16_t fetch_by_id = FetchRequest::last_version_by_name + 1;
const Uuid nobody{{7}};

class TopicIds : public testing::Test {
 protected:
  TopicIds() {
    cluster.create_topic("orders", 1, 2);
    id = cluster.topic_id("orders");
  }

  ProduceResponse::Partition produce(const Uuid& topic, BrokerId broker) {
    ProduceRequest request = produce_request({"", 0}, batch_of({"a"}), Acks::leader);
    request.topics[0].topic_id = topic;
    const auto answer = cluster.ask<ProduceResponse>(broker, request, produce_by_id);
    EXPECT_TRUE(answer.has_value());
    EXPECT_EQ(answer->topics.at(0).topic_id, topic);
    endpoints = answer->node_endpoints.value_or(std::vector<ProduceResponse::NodeEndpoint>{});
    return answer->topics[0].partitions.at(0);
  }
  FetchRequest fetch_of(const Uuid& topic) {
    FetchRequest request = fetch_request({"", 0}, 0);
    request.topics[0].topic_id = topic;
    return request;
  }
  ErrorCode fetch(const Uuid& topic) {
    const auto answer = cluster.ask<FetchResponse>(leader(), fetch_of(topic), fetch_by_id);
    EXPECT_TRUE(answer.has_value());
    EXPECT_EQ(answer->topics.at(0).topic_id, topic);
    return answer->topics[0].partitions.at(0).error_code;
  }
  // What the session's partition is answered with. Of a session only what is new is told, and an error is.
  ErrorCode go_on(std::int32_t session, std::int32_t epoch) {
    FetchRequest request;
    request.session_id = session;
    request.session_epoch = epoch;
    const auto answer = cluster.ask<FetchResponse>(leader(), request, fetch_by_id);
    EXPECT_TRUE(answer.has_value());
    if (answer->error_code != ErrorCode::none || answer->topics.empty()) return answer->error_code;
    return answer->topics[0].partitions.at(0).error_code;
  }
  void delete_topic() {
    DeleteTopicsRequest request;
    request.topics.push_back({.name = "orders", .topic_id = {}});
    const auto answer = cluster.ask<DeleteTopicsResponse>({0}, request);
    ASSERT_TRUE(answer.has_value());
    ASSERT_EQ(answer->responses.at(0).error_code, ErrorCode::none);
    ASSERT_TRUE(cluster.eventually([&] { return cluster.topic_id("orders").is_zero(); }));
    cluster.run_for(1s);
  }
  // One partition; the first of them leads.
  void create_topic_on(const std::string& name, const std::vector<BrokerId>& replicas) {
    CreateTopicsRequest request;
    auto& topic = request.topics.emplace_back();
    topic.name = name;
    topic.num_partitions = topic.replication_factor = -1;
    topic.assignments.push_back({0, {}});
    for (const BrokerId replica : replicas) topic.assignments[0].broker_ids.push_back(replica.value);
    const auto answer = cluster.ask<CreateTopicsResponse>({0}, request);
    ASSERT_TRUE(answer.has_value());
    ASSERT_EQ(answer->topics.at(0).error_code, ErrorCode::none);
    ASSERT_TRUE(cluster.eventually([&] { return cluster.leader({name, 0}) == replicas.front(); }));
    cluster.run_for(1s);
  }
  BrokerId leader() const { return cluster.leader({"orders", 0}); }
  BrokerId somebody_else() const {
    for (const BrokerId broker : cluster.cluster.brokers()) {
      if (broker != leader()) return broker;
    }
    return {};
  }

  TestCluster cluster{ClusterConfig{.brokers = 2}};
  Uuid id;
  std::vector<ProduceResponse::NodeEndpoint> endpoints;  // of the last Produce
};

TEST_F(TopicIds, ATopicIsWrittenAndReadById) {
  const auto produced = produce(id, leader());

  EXPECT_EQ(produced.error_code, ErrorCode::none);
  EXPECT_EQ(produced.base_offset, 0);
  EXPECT_EQ(fetch(id), ErrorCode::none);
  EXPECT_THAT(cluster.read({"orders", 0}), ElementsAre("a"));
}

TEST_F(TopicIds, AnIdThatNobodyKnowsIsSaidToBeUnknown) {
  for (const Uuid& topic : {nobody, Uuid{}}) {
    EXPECT_EQ(produce(topic, leader()).error_code, ErrorCode::unknown_topic_id);
    EXPECT_EQ(fetch(topic), ErrorCode::unknown_topic_id);
  }
}

TEST_F(TopicIds, WhoMeansTheTopicThatWasDeletedDoesNotReachItsSuccessor) {
  delete_topic();
  cluster.create_topic("orders", 1, 2);

  EXPECT_EQ(produce(id, leader()).error_code, ErrorCode::unknown_topic_id);
  EXPECT_EQ(fetch(id), ErrorCode::unknown_topic_id);
  EXPECT_EQ(produce(cluster.topic_id("orders"), leader()).base_offset, 0);
}

// The same name, the same leader, the same epoch, the same offset: only by its id can the follower tell whose records come.
TEST_F(TopicIds, WhatAFollowerAskedOfTheTopicThatWasDeletedIsNotAppendedToItsSuccessor) {
  const NodeId leading = NodeId::broker(leader());
  const NodeId following = NodeId::broker(somebody_else());
  create_topic_on("lasting", {leader(), somebody_else()});  // for its sake the fetcher lives on
  cluster.run_for(1s);
  cluster.world.stall(leading, following, Direction::forward);
  cluster.produce({"orders", 0}, batch_of({"old"}), Acks::leader);
  const BrokerId before = leader();
  const auto begun = cluster.seen(Event::followed, following).size();

  delete_topic();
  create_topic_on("orders", {before, somebody_else()});
  ASSERT_TRUE(cluster.eventually([&] { return cluster.seen(Event::followed, following).size() > begun; }));
  cluster.run_for(1s);
  EXPECT_THAT(cluster.seen(Event::replicated, following), IsEmpty());
  cluster.world.heal(leading, following, Direction::forward);

  EXPECT_EQ(cluster.produce({"orders", 0}, batch_of({"new"}), Acks::all).error_code, ErrorCode::none);
  EXPECT_THAT(cluster.seen(Event::replicated, following), SizeIs(1));
  cluster.cluster.kill(leading);
  ASSERT_TRUE(cluster.eventually([&] { return NodeId::broker(leader()) == following; }));
  cluster.run_for(1s);
  EXPECT_THAT(cluster.read({"orders", 0}), ElementsAre("new"));
}

TEST_F(TopicIds, ASessionRemembersTheNameOfATopicThatWasDeleted) {
  FetchRequest request = fetch_of(id);
  request.session_epoch = 0;
  const auto opened = cluster.ask<FetchResponse>(leader(), request, fetch_by_id);
  ASSERT_TRUE(opened.has_value());
  ASSERT_NE(opened->session_id, 0);
  const BrokerId served_by = leader();

  delete_topic();
  EXPECT_EQ(go_on(opened->session_id, 1), ErrorCode::unknown_topic_or_partition);
  create_topic_on("orders", {served_by});
  EXPECT_EQ(go_on(opened->session_id, 2), ErrorCode::inconsistent_topic_id);
}

TEST_F(TopicIds, ASessionThatBeganWithNamesCannotGoOnWithIds) {
  FetchRequest request = fetch_request({"orders", 0}, 0);
  request.session_epoch = 0;
  const auto opened = cluster.ask<FetchResponse>(leader(), request);
  ASSERT_TRUE(opened.has_value());
  ASSERT_NE(opened->session_id, 0);

  EXPECT_EQ(go_on(opened->session_id, 1), ErrorCode::fetch_session_topic_id_error);
}

TEST_F(TopicIds, MetadataIsAskedForById) {
  MetadataRequest request;
  request.topics = std::vector<MetadataRequest::Topic>{
      {.topic_id = id, .name = {}}, {.topic_id = nobody, .name = {}}, {.topic_id = {}, .name = "by name"}};

  const auto answer = cluster.ask<MetadataResponse>({0}, request);

  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->error_code, ErrorCode::none);
  ASSERT_EQ(answer->topics.size(), 2U) << "with ids there, names do not count";
  EXPECT_EQ(answer->topics[0].error_code, ErrorCode::none);
  EXPECT_EQ(answer->topics[0].name, "orders");
  EXPECT_EQ(answer->topics[1].error_code, ErrorCode::unknown_topic_id);
  EXPECT_EQ(answer->topics[1].topic_id, nobody);
  EXPECT_EQ(answer->topics[1].name, std::nullopt);
}

TEST_F(TopicIds, BeforeVersion12MetadataCanSpellAnIdAndMayNotAskByIt) {
  MetadataRequest request;
  request.topics = std::vector<MetadataRequest::Topic>{{.topic_id = id, .name = {}}, {.topic_id = {}, .name = "orders"}};

  for (const std::int16_t version : std::initializer_list<std::int16_t>{10, 11}) {
    const auto answer = cluster.ask<MetadataResponse>({0}, request, version);

    ASSERT_TRUE(answer.has_value());
    ASSERT_EQ(answer->topics.size(), 2U);
    for (const auto& topic : answer->topics) EXPECT_EQ(topic.error_code, ErrorCode::invalid_request);
  }
}

TEST_F(TopicIds, WhoProducesToTheWrongBrokerIsToldTheRightOne) {
  const auto refused = produce(id, somebody_else());

  EXPECT_EQ(refused.error_code, ErrorCode::not_leader_or_follower);
  ASSERT_TRUE(refused.current_leader.has_value());
  EXPECT_EQ(refused.current_leader->leader_id, leader().value);
  ASSERT_EQ(endpoints.size(), 1U);
  EXPECT_EQ(endpoints[0].node_id, leader().value);
  EXPECT_EQ(endpoints[0].port, cluster.cluster.bootstrap()[static_cast<std::size_t>(leader().value)].port);
}

TEST_F(TopicIds, WhoFetchesFromTheWrongBrokerOrInAnOldEpochIsToldTheRightOneSinceVersion16) {
  FetchRequest astray = fetch_of(id);
  astray.replica_state = {leader().value, -1};  // only consumers may read from followers
  const auto refused = cluster.ask<FetchResponse>(somebody_else(), astray);
  ASSERT_TRUE(refused.has_value());
  EXPECT_EQ(refused->topics.at(0).partitions.at(0).error_code, ErrorCode::not_leader_or_follower);
  EXPECT_EQ(refused->node_endpoints->at(0).node_id, leader().value);

  // After another election there is an epoch that is over.
  const BrokerId first = leader();
  cluster.cluster.kill(protocol::NodeId::broker(first));
  ASSERT_TRUE(cluster.eventually([&] { return leader().known() && leader() != first; }));
  cluster.run_for(1s);
  FetchRequest late = fetch_of(id);
  late.topics[0].partitions[0].current_leader_epoch = 0;

  for (const std::int16_t version : std::initializer_list<std::int16_t>{15, 16, 18}) {
    const auto answer = cluster.ask<FetchResponse>(leader(), late, version);

    ASSERT_TRUE(answer.has_value());
    const FetchResponse::Partition& fenced = answer->topics.at(0).partitions.at(0);
    EXPECT_EQ(fenced.error_code, ErrorCode::fenced_leader_epoch);
    EXPECT_EQ(fenced.current_leader.has_value(), version >= 16);
    EXPECT_EQ(answer->node_endpoints.has_value(), version >= 16);
    if (version < 16) continue;
    EXPECT_EQ(fenced.current_leader->leader_id, leader().value);
    EXPECT_GT(fenced.current_leader->leader_epoch, 0);
    EXPECT_EQ(answer->node_endpoints->at(0).node_id, leader().value);
  }
}

}  // namespace
}  // namespace acklab::broker
