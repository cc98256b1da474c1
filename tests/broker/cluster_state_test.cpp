#include "broker/controller/cluster_state.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "broker/config_key.h"
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
  // Of a broker that has all metadata and wants to shut down.
  protocol::BrokerHeartbeatResponse shut_down(int id) {
    protocol::BrokerHeartbeatRequest request;
    request.broker_id = id;
    request.broker_epoch = epochs[static_cast<std::size_t>(id)].value;
    request.current_metadata_offset = state.image().offset.value - 1;
    request.want_shut_down = true;
    return state.heartbeat(request);
  }
  void hears_everything(int id) { heartbeat(id, epochs[static_cast<std::size_t>(id)], state.image().offset.value - 1); }
  protocol::ElectLeadersResponse elect(Election election, const std::string& topic, std::vector<std::int32_t> partitions) {
    protocol::ElectLeadersRequest request;
    request.election_type = static_cast<std::int8_t>(election);
    request.topic_partitions->push_back({topic, std::move(partitions)});
    return state.elect_leaders(request);
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

TEST_F(ClusterStateTest, ABrokerMayEndWhenAllOthersKnowWhoLeadsInsteadOfIt) {
  start_brokers(3);
  create("orders", 1, 3);
  state.take();

  const auto first = shut_down(0);
  EXPECT_FALSE(first.should_shut_down);
  EXPECT_FALSE(first.is_fenced) << "it still serves";
  EXPECT_EQ(*state.image().find({"orders", 0}), partition({1, 2}, 1, 1, 1));
  EXPECT_THAT(events_of(state.take()), ElementsAre(Event::shutting_down, Event::elected));

  hears_everything(1);
  EXPECT_FALSE(shut_down(0).should_shut_down) << "broker 2 may still follow it";
  EXPECT_TRUE(state.take().records.empty());

  hears_everything(2);
  const auto last = shut_down(0);
  EXPECT_TRUE(last.should_shut_down);
  EXPECT_TRUE(last.is_fenced);
  EXPECT_THAT(events_of(state.take()), ElementsAre(Event::fenced));
  EXPECT_TRUE(shut_down(0).should_shut_down) << "the answer may have got lost";
}

TEST_F(ClusterStateTest, ABrokerThatLeadsNothingMayEndAtOnceAndLeavesTheIsr) {
  start_brokers(2);
  create("orders", 1, 2);
  state.take();

  EXPECT_TRUE(shut_down(1).should_shut_down);

  EXPECT_EQ(*state.image().find({"orders", 0}), partition({0}, 0, 0, 1, {0, 1}));
  EXPECT_THAT(events_of(state.take()), ElementsAre(Event::shutting_down, Event::isr_changed, Event::fenced));
}

TEST_F(ClusterStateTest, TheOnlyReplicaMayEndAllTheSameAndStaysInSync) {
  start_brokers(1);
  create("orders", 1, 1);

  EXPECT_TRUE(shut_down(0).should_shut_down);

  EXPECT_EQ(*state.image().find({"orders", 0}), partition({0}, -1, 1, 1, {0}));
}

TEST_F(ClusterStateTest, ANewControllerGoesOnWithAShutdownThatAnotherBegan) {
  start_brokers(2);
  create("orders", 1, 2);
  ClusterState successor = new_state();
  shut_down(0);
  // As in the log: all of it, in any batches.
  const MetadataImage before = state.image();
  std::vector<MetadataRecord> log;
  for (const auto& [id, broker] : before.brokers)
    log.push_back(registration_record(id, broker.epoch, broker.incarnation, broker.address));
  for (const auto& [id, broker] : before.brokers) log.push_back(unfence_record(id, broker.epoch));
  log.push_back(shut_down_record({0}, epochs[0]));
  successor.replay(log);
  state = std::move(successor);
  state.begin();

  EXPECT_FALSE(shut_down(0).should_shut_down) << "it has not heard broker 1";
  hears_everything(1);
  EXPECT_TRUE(shut_down(0).should_shut_down);
}

TEST_F(ClusterStateTest, ElectLeadersAnswersEachPartitionForItself) {
  start_brokers(2);
  create("orders", 2, 2);
  state.session_ended({0});
  hears_everything(0);
  state.take();

  const auto answer = elect(Election::preferred, "orders", {0, 1, 2});

  EXPECT_EQ(answer.error_code, ErrorCode::none);
  ASSERT_EQ(answer.topics.at(0).partitions.size(), 3U);
  EXPECT_EQ(answer.topics[0].partitions[0].error_code, ErrorCode::preferred_leader_not_available) << "it is not in sync yet";
  EXPECT_EQ(answer.topics[0].partitions[1].error_code, ErrorCode::election_not_needed);
  EXPECT_EQ(answer.topics[0].partitions[2].error_code, ErrorCode::unknown_topic_or_partition);
  EXPECT_EQ(elect(Election::preferred, "nowhere", {0}).topics.at(0).partitions.at(0).error_code,
            ErrorCode::unknown_topic_or_partition);
  EXPECT_EQ(elect(Election{7}, "orders", {0}).error_code, ErrorCode::invalid_request);
  EXPECT_TRUE(state.take().records.empty());
}

TEST_F(ClusterStateTest, WhoAsksForAllElectionsIsNotToldOfThoseThatNeedNone) {
  start_brokers(2);
  create("orders", 2, 2);
  state.session_ended({0});
  protocol::ElectLeadersRequest all;
  all.topic_partitions.reset();

  const auto answer = state.elect_leaders(all);

  ASSERT_EQ(answer.topics.size(), 1U);
  ASSERT_EQ(answer.topics[0].partitions.size(), 1U);
  EXPECT_EQ(answer.topics[0].partitions[0].partition_id, 0);
  EXPECT_EQ(answer.topics[0].partitions[0].error_code, ErrorCode::preferred_leader_not_available);
}

TEST_F(ClusterStateTest, AnUncleanElectionIsRecognisableInTheJournal) {
  start_brokers(2);
  create("orders", 1, 2);
  state.session_ended({1});
  hears_everything(1);
  state.session_ended({0});
  state.take();

  EXPECT_EQ(elect(Election::unclean, "orders", {0}).topics.at(0).partitions.at(0).error_code, ErrorCode::none);

  const auto decision = state.take();
  ASSERT_THAT(events_of(decision), ElementsAre(Event::elected));
  EXPECT_EQ(decision.changes[0].entry.code, ErrorCode::eligible_leaders_not_available);
  EXPECT_EQ(*state.image().find({"orders", 0}), partition({1}, 1, 2, 3, {0, 1}));
}

TEST_F(ClusterStateTest, ATopicMayAllowUncleanElectionsWhereTheBrokersDoNot) {
  start_brokers(2);
  state.create_topics({.topics = {{"risky", 1, 2, {}, {{"unclean.leader.election.enable", "true"}}}, {"safe", 1, 2, {}, {}}}});
  state.session_ended({1});
  hears_everything(1);

  state.session_ended({0});  // the last in sync of both

  EXPECT_EQ(state.image().find({"risky", 0})->leader, BrokerId{1});
  EXPECT_FALSE(state.image().find({"safe", 0})->leader.known());
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
  EXPECT_EQ(answer.topics[0].configs->size(), topic_keys().size());
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
