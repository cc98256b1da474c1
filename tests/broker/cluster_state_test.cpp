#include "broker/controller/cluster_state.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "protocol/runtime/journal.h"
#include "tests/broker/controller_fixtures.h"

namespace acklab::broker {
namespace {

using protocol::ErrorCode;
using protocol::Event;
using protocol::NodeId;
using testing::ElementsAre;
using OldSession = ClusterState::OldSession;

class ClusterStateTest : public testing::Test {
 protected:
  ClusterState new_state() {
    return ClusterState(config, [this] { return uuid(++last_topic); });
  }

  BrokerEpoch register_broker(int id, std::uint8_t incarnation, OldSession old_session = OldSession::ended) {
    const auto answer = state.register_broker(registration(id, incarnation), old_session);
    EXPECT_EQ(answer.error_code, ErrorCode::none);
    return {answer.broker_epoch};
  }
  static protocol::BrokerRegistrationRequest registration(int id, std::uint8_t incarnation) {
    protocol::BrokerRegistrationRequest request;
    request.broker_id = id;
    request.incarnation_id = uuid(incarnation);
    request.listeners = {{"PLAINTEXT", "broker-" + std::to_string(id), 9092, 0}};
    return request;
  }
  protocol::BrokerHeartbeatResponse heartbeat(int id, BrokerEpoch epoch, std::int64_t metadata_offset) {
    protocol::BrokerHeartbeatRequest request;
    request.broker_id = id;
    request.broker_epoch = epoch.value;
    request.current_metadata_offset = metadata_offset;
    return state.heartbeat(request);
  }
  // Brokers 0 to count-1, usable, in incarnation 100 + id; nothing left to take.
  void start_brokers(int count) {
    for (int id = 0; id < count; ++id) {
      epochs.push_back(register_broker(id, static_cast<std::uint8_t>(100 + id)));
      heartbeat(id, epochs.back(), epochs.back().value);
    }
    state.take();
  }
  protocol::CreateTopicsResponse create(const std::string& name, int partitions, int replicas) {
    return state.create_topics({.topics = {{name, partitions, static_cast<std::int16_t>(replicas), {}, {}}}});
  }
  std::vector<Event> events_of(const ClusterState::Decision& decision) {
    std::vector<Event> events;
    for (const auto& change : decision.changes) events.push_back(change.entry.event);
    return events;
  }

  BrokerConfig config;
  std::uint8_t last_topic = 0;
  ClusterState state = new_state();
  std::vector<BrokerEpoch> epochs;
};

TEST_F(ClusterStateTest, ABrokerIsUsableOnceItKnowsOfItsOwnRegistration) {
  state.begin();

  const BrokerEpoch epoch = register_broker(2, 7);
  EXPECT_EQ(epoch, BrokerEpoch{1});
  const auto early = heartbeat(2, epoch, 0);
  EXPECT_FALSE(early.is_caught_up);
  EXPECT_TRUE(early.is_fenced);
  const auto late = heartbeat(2, epoch, 1);

  EXPECT_TRUE(late.is_caught_up);
  EXPECT_FALSE(late.is_fenced);
  EXPECT_TRUE(state.image().usable({2}));
  EXPECT_THAT(events_of(state.take()), ElementsAre(Event::registered, Event::unfenced));
}

TEST_F(ClusterStateTest, ARepeatedRegistrationGetsTheSameEpoch) {
  const BrokerEpoch first = register_broker(0, 7);
  state.take();

  EXPECT_EQ(register_broker(0, 7, OldSession::alive), first);
  EXPECT_TRUE(state.take().records.empty());
}

TEST_F(ClusterStateTest, ANewIncarnationWaitsForTheEndOfTheOldSession) {
  start_brokers(1);

  EXPECT_EQ(state.register_broker(registration(0, 8), OldSession::alive).error_code, ErrorCode::duplicate_broker_registration);
  EXPECT_TRUE(state.take().records.empty());
  state.session_ended({0});
  const BrokerEpoch epoch = register_broker(0, 8);

  EXPECT_GT(epoch, epochs[0]);
  EXPECT_FALSE(state.image().usable({0}));
  EXPECT_EQ(heartbeat(0, epochs[0], 1000).error_code, ErrorCode::stale_broker_epoch);
}

TEST_F(ClusterStateTest, ARegistrationThatCannotBeIsRefused) {
  auto without_listener = registration(0, 1);
  without_listener.listeners.clear();

  for (const auto& request : {registration(-1, 1), registration(64, 1), without_listener}) {
    EXPECT_EQ(state.register_broker(request, OldSession::ended).error_code, ErrorCode::invalid_registration);
  }
  EXPECT_TRUE(state.take().records.empty());
}

TEST_F(ClusterStateTest, AHeartbeatOfAnUnknownBrokerIsRefused) {
  EXPECT_EQ(heartbeat(0, {3}, 1000).error_code, ErrorCode::broker_id_not_registered);
}

TEST_F(ClusterStateTest, WhenASessionEndsThePartitionsMoveInOneDecision) {
  start_brokers(3);
  ASSERT_EQ(create("orders", 2, 3).topics[0].error_code, ErrorCode::none);
  state.take();

  state.session_ended({0});

  const auto decision = state.take();
  EXPECT_THAT(events_of(decision), ElementsAre(Event::fenced, Event::elected, Event::isr_changed));
  EXPECT_EQ(*state.image().find({"orders", 0}), partition({1, 2}, 1, 1, 1, {0, 1, 2}));
  EXPECT_EQ(*state.image().find({"orders", 1}), partition({1, 2}, 1, 0, 1, {1, 2, 0}));
  EXPECT_EQ(decision.changes[0].entry.peer, NodeId::broker({0}));
  EXPECT_EQ(decision.changes[1].entry.peer, NodeId::broker({1}));
  EXPECT_EQ(decision.changes[1].entry.epoch, LeaderEpoch{1});
  EXPECT_EQ(decision.changes[1].topic, "orders");
}

TEST_F(ClusterStateTest, ASilentBrokerThatComesBackLeadsWhatNobodyElseMay) {
  start_brokers(1);
  create("orders", 1, 1);
  state.session_ended({0});
  EXPECT_EQ(*state.image().find({"orders", 0}), partition({0}, -1, 1, 1, {0}));
  state.take();

  heartbeat(0, epochs[0], epochs[0].value);

  EXPECT_EQ(*state.image().find({"orders", 0}), partition({0}, 0, 2, 2, {0}));
  EXPECT_THAT(events_of(state.take()), ElementsAre(Event::unfenced, Event::elected));
}

TEST_F(ClusterStateTest, ABrokerThatWantsToBeFencedIs) {
  start_brokers(2);
  create("orders", 1, 2);
  protocol::BrokerHeartbeatRequest request;
  request.broker_id = 0;
  request.broker_epoch = epochs[0].value;
  request.current_metadata_offset = 1000;
  request.want_fence = true;

  const auto answer = state.heartbeat(request);

  EXPECT_TRUE(answer.is_fenced);
  EXPECT_EQ(state.image().find({"orders", 0})->leader, BrokerId{1});
}

TEST_F(ClusterStateTest, AlterPartitionAnswersEachPartitionForItself) {
  start_brokers(3);
  const Uuid topic = create("orders", 1, 3).topics[0].topic_id;
  state.take();
  protocol::AlterPartitionRequest request;
  request.broker_id = 0;
  request.broker_epoch = epochs[0].value;
  protocol::AlterPartitionRequest::Partition shrink;
  shrink.new_isr_with_epochs = {{0, epochs[0].value}, {1, epochs[1].value}};
  protocol::AlterPartitionRequest::Partition unknown = shrink;
  unknown.partition_index = 5;
  request.topics = {{topic, {shrink, unknown, shrink}}, {uuid(99), {shrink}}};

  const auto answer = state.alter_partition(request, 3);

  EXPECT_EQ(answer.error_code, ErrorCode::none);
  ASSERT_EQ(answer.topics.size(), 2U);
  const auto& partitions = answer.topics[0].partitions;
  EXPECT_EQ(partitions[0].error_code, ErrorCode::none);
  EXPECT_THAT(partitions[0].isr, ElementsAre(0, 1));
  EXPECT_EQ(partitions[0].partition_epoch, 1);
  EXPECT_EQ(partitions[0].leader_epoch, 0);
  EXPECT_EQ(partitions[0].leader_id, 0);
  EXPECT_EQ(partitions[1].error_code, ErrorCode::unknown_topic_or_partition);
  EXPECT_EQ(partitions[2].error_code, ErrorCode::invalid_update_version);
  EXPECT_EQ(answer.topics[1].partitions[0].error_code, ErrorCode::unknown_topic_id);
  EXPECT_THAT(events_of(state.take()), ElementsAre(Event::isr_changed));
}

TEST_F(ClusterStateTest, AlterPartitionOfAnOldIncarnationIsRefusedAsAWhole) {
  start_brokers(1);
  protocol::AlterPartitionRequest request;
  request.broker_id = 0;
  request.broker_epoch = epochs[0].value - 1;

  EXPECT_EQ(state.alter_partition(request, 3).error_code, ErrorCode::stale_broker_epoch);
  request.broker_id = 5;
  EXPECT_EQ(state.alter_partition(request, 3).error_code, ErrorCode::stale_broker_epoch);
}

TEST_F(ClusterStateTest, BlocksOfProducerIdsNeverOverlap) {
  start_brokers(2);

  const auto first = state.allocate_producer_ids({0, epochs[0].value});
  const auto second = state.allocate_producer_ids({1, epochs[1].value});
  const auto stale = state.allocate_producer_ids({1, epochs[0].value});

  EXPECT_EQ(first.producer_id_start, 0);
  EXPECT_EQ(first.producer_id_len, 1000);
  EXPECT_EQ(second.producer_id_start, 1000);
  EXPECT_EQ(stale.error_code, ErrorCode::stale_broker_epoch);
  EXPECT_EQ(state.image().next_producer_id, 2000);
}

TEST_F(ClusterStateTest, ACreatedTopicIsAnsweredWithWhatItIs) {
  start_brokers(3);

  const auto answer = create("orders", 2, 3);

  ASSERT_EQ(answer.topics.size(), 1U);
  EXPECT_EQ(answer.topics[0].error_code, ErrorCode::none);
  EXPECT_EQ(answer.topics[0].topic_id, uuid(1));
  EXPECT_EQ(answer.topics[0].num_partitions, 2);
  EXPECT_EQ(answer.topics[0].replication_factor, 3);
  EXPECT_EQ(answer.topics[0].configs->size(), 4U);
  const auto decision = state.take();
  EXPECT_EQ(decision.records.size(), 3U);
  EXPECT_THAT(events_of(decision), ElementsAre(Event::elected, Event::elected));
}

TEST_F(ClusterStateTest, ValidateOnlyCreatesNothing) {
  start_brokers(3);

  const auto answer =
      state.create_topics({.topics = {{"orders", 1, 3, {}, {}}, {"bad name", 1, 1, {}, {}}}, .validate_only = true});

  EXPECT_EQ(answer.topics[0].error_code, ErrorCode::none);
  EXPECT_EQ(answer.topics[0].num_partitions, 1);
  EXPECT_EQ(answer.topics[1].error_code, ErrorCode::invalid_topic_exception);
  EXPECT_TRUE(state.take().records.empty());
  EXPECT_EQ(last_topic, 0);
}

TEST_F(ClusterStateTest, ARequestWithOneNameTwiceCreatesOnlyTheOthers) {
  start_brokers(1);

  const auto answer = state.create_topics({.topics = {{"a", 1, 1, {}, {}}, {"b", 1, 1, {}, {}}, {"a", 1, 1, {}, {}}}});

  ASSERT_EQ(answer.topics.size(), 2U);
  EXPECT_EQ(answer.topics[0].name, "a");
  EXPECT_EQ(answer.topics[0].error_code, ErrorCode::invalid_request);
  EXPECT_EQ(answer.topics[1].name, "b");
  EXPECT_EQ(answer.topics[1].error_code, ErrorCode::none);
}

TEST_F(ClusterStateTest, NamesThatCollideWithinOneRequestAreRefused) {
  start_brokers(1);

  const auto answer = state.create_topics({.topics = {{"a.b", 1, 1, {}, {}}, {"a_b", 1, 1, {}, {}}}});

  EXPECT_EQ(answer.topics[0].error_code, ErrorCode::none);
  EXPECT_EQ(answer.topics[1].error_code, ErrorCode::invalid_topic_exception);
}

TEST_F(ClusterStateTest, OneRequestMakesOnlySoManyPartitions) {
  start_brokers(1);

  const auto answer = state.create_topics({.topics = {{"a", 6000, 1, {}, {}}, {"b", 6000, 1, {}, {}}, {"c", 4000, 1, {}, {}}}});

  EXPECT_EQ(answer.topics[0].error_code, ErrorCode::none);
  EXPECT_EQ(answer.topics[1].error_code, ErrorCode::policy_violation);
  EXPECT_EQ(answer.topics[2].error_code, ErrorCode::none);
}

TEST_F(ClusterStateTest, ANewIncarnationOfTheControllerFoldsTheSameRecordsToTheSameImage) {
  std::vector<std::vector<MetadataRecord>> log;
  const auto write = [&] { log.push_back(state.take().records); };
  state.begin();
  write();
  epochs = {register_broker(0, 1)};
  write();
  heartbeat(0, epochs[0], 1000);
  write();
  create("orders", 3, 1);
  write();
  state.session_ended({0});
  write();

  ClusterState successor = new_state();
  for (const auto& decision : log) successor.replay(decision);
  EXPECT_EQ(successor.image(), state.image());
  successor.begin();

  EXPECT_EQ(successor.image().controller_epoch, state.image().controller_epoch + 1);
  const auto decision = successor.take();
  EXPECT_EQ(decision.records.size(), 1U);
  EXPECT_THAT(events_of(decision), ElementsAre(Event::fenced, Event::elected, Event::elected, Event::elected));
}

}  // namespace
}  // namespace acklab::broker
