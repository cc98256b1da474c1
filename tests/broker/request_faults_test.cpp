// Requests that meet a planned fault.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "protocol/messages/api_versions.h"
#include "protocol/messages/find_coordinator.h"
#include "protocol/messages/init_producer_id.h"
#include "protocol/messages/offset_for_leader_epoch.h"
#include "tests/broker/test_cluster.h"

namespace acklab::broker {
namespace {

using protocol::Acks;
using protocol::ApiVersionsRequest;
using protocol::ApiVersionsResponse;
using protocol::CreateTopicsRequest;
using protocol::CreateTopicsResponse;
using protocol::ErrorCode;
using protocol::Event;
using protocol::FetchRequest;
using protocol::FetchResponse;
using protocol::FindCoordinatorRequest;
using protocol::FindCoordinatorResponse;
using protocol::InitProducerIdRequest;
using protocol::InitProducerIdResponse;
using protocol::ListOffsetsRequest;
using protocol::ListOffsetsResponse;
using protocol::MetadataRequest;
using protocol::MetadataResponse;
using protocol::OffsetForLeaderEpochRequest;
using protocol::OffsetForLeaderEpochResponse;
using protocol::ProduceResponse;
using protocol::TopicPartition;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

const TopicPartition orders{"orders", 0};

class RequestFaults : public testing::Test {
 protected:
  void start(RequestFault fault) {
    ClusterConfig config;
    config.brokers = 1;
    config.request_hook = [this, fault](const RequestSummary& summary) {
      if (summary.api_key != 0 || !armed) return RequestFault{};
      armed = false;
      asked_about = summary.partitions;
      return fault;
    };
    cluster.emplace(std::move(config));
    cluster->create_topic("orders", 1, 1);
    armed = true;
  }

  bool armed = false;
  std::vector<TopicPartition> asked_about;
  std::optional<TestCluster> cluster;
};

TEST_F(RequestFaults, AnErrorIsAnsweredInEveryPartitionAndNothingIsApplied) {
  start({RequestFault::Kind::answer_error, ErrorCode::not_leader_or_follower, {}});

  EXPECT_EQ(cluster->produce(orders, batch_of({"a"}), Acks::all).error_code, ErrorCode::not_leader_or_follower);
  EXPECT_THAT(asked_about, ElementsAre(orders));
  EXPECT_THAT(cluster->read(orders), IsEmpty());
  EXPECT_EQ(cluster->produce(orders, batch_of({"b"}), Acks::all).error_code, ErrorCode::none) << "only once";
}

TEST_F(RequestFaults, DropsDifferInWhetherTheBatchIsThere) {
  struct Case {
    RequestFault::Kind kind;
    std::size_t appended;
  };
  for (const Case c : {Case{RequestFault::Kind::drop_before_apply, 0}, Case{RequestFault::Kind::drop_after_append, 1},
                       Case{RequestFault::Kind::drop_answer, 1}}) {
    start({c.kind, {}, {}});
    Wire& connection = cluster->connect({0});

    cluster->send_request(connection, produce_request(orders, batch_of({"a"}), Acks::all), 9);

    EXPECT_TRUE(cluster->closes(connection));
    EXPECT_EQ(connection.bytes, 0U);
    EXPECT_THAT(cluster->read(orders), SizeIs(c.appended));
    EXPECT_THAT(cluster->seen(Event::answered), IsEmpty());
  }
}

TEST_F(RequestFaults, ADelayedRequestIsServedLaterAndWhatIsBehindItStillLater) {
  start({RequestFault::Kind::delay, {}, 2s});
  Wire& connection = cluster->connect({0});
  const std::int32_t delayed = cluster->send_request(connection, produce_request(orders, batch_of({"a"}), Acks::all), 9);
  const std::int32_t behind = cluster->send_request(connection, produce_request(orders, batch_of({"b"}), Acks::all), 9);

  cluster->run_for(1s);
  EXPECT_EQ(connection.bytes, 0U);
  EXPECT_THAT(cluster->read(orders), IsEmpty());

  EXPECT_EQ(cluster->answer<ProduceResponse>(connection, delayed, 9)->topics[0].partitions[0].base_offset, 0);
  EXPECT_EQ(cluster->answer<ProduceResponse>(connection, behind, 9)->topics[0].partitions[0].base_offset, 1);
}

TEST_F(RequestFaults, ADelayedRequestIsServedThoughItsClientHasGone) {
  start({RequestFault::Kind::delay, {}, 2s});
  Wire& connection = cluster->connect({0});
  cluster->send_request(connection, produce_request(orders, batch_of({"a"}), Acks::all), 9);
  cluster->run_for(1s);

  cluster->forget(connection);
  cluster->run_for(2s);

  EXPECT_THAT(cluster->read(orders), SizeIs(1));
}

TEST_F(RequestFaults, AHeldAnswerHoldsAllBehindIt) {
  start({RequestFault::Kind::hold_answer, {}, 2s});
  Wire& connection = cluster->connect({0});
  const std::int32_t held = cluster->send_request(connection, produce_request(orders, batch_of({"a"}), Acks::all), 9);
  const std::int32_t behind = cluster->send_request(connection, produce_request(orders, batch_of({"b"}), Acks::all), 9);

  cluster->run_for(1s);
  EXPECT_EQ(connection.bytes, 0U);
  EXPECT_THAT(cluster->read(orders), SizeIs(1)) << "it was carried out";

  EXPECT_EQ(cluster->answer<ProduceResponse>(connection, held, 9)->topics[0].partitions[0].base_offset, 0);
  EXPECT_EQ(cluster->answer<ProduceResponse>(connection, behind, 9)->topics[0].partitions[0].base_offset, 1);
}

TEST_F(RequestFaults, AnAnswerThatIsHeldForEverEndsWithItsConnection) {
  start({RequestFault::Kind::hold_answer, {}, {}});
  Wire& connection = cluster->connect({0});
  cluster->send_request(connection, produce_request(orders, batch_of({"a"}), Acks::all), 9);
  cluster->run_for(10min);
  EXPECT_EQ(connection.bytes, 0U);
  EXPECT_FALSE(connection.closed);

  cluster->forget(connection);
  cluster->run_for(1s);

  EXPECT_THAT(cluster->log, testing::Contains(testing::HasSubstr("while its answer was held back")));
}

TEST_F(RequestFaults, AFaultForAPartitionMeetsASessionThatNeedNotNameIt) {
  ClusterConfig config;
  config.brokers = 1;
  std::vector<std::vector<TopicPartition>> asked;
  bool refuses = false;
  config.request_hook = [&](const RequestSummary& summary) {
    if (summary.api_key != FetchRequest::info.api_key) return RequestFault{};
    asked.push_back(summary.partitions);
    return refuses ? RequestFault{RequestFault::Kind::answer_error, ErrorCode::kafka_storage_error, {}} : RequestFault{};
  };
  cluster.emplace(std::move(config));
  cluster->create_topic("orders", 1, 1);
  Wire& connection = cluster->connect({0});
  FetchRequest request = fetch_request(orders, 0);
  request.session_epoch = 0;
  FetchRequest next;
  next.session_id = cluster->ask<FetchResponse>(connection, request)->session_id;
  next.session_epoch = 1;

  refuses = true;
  const auto refused = cluster->ask<FetchResponse>(connection, next, FetchRequest::last_version_by_name);
  refuses = false;
  next.session_epoch = 2;
  const auto served = cluster->ask<FetchResponse>(connection, next, FetchRequest::last_version_by_name);

  EXPECT_THAT(asked, ElementsAre(ElementsAre(orders), ElementsAre(orders), ElementsAre(orders)));
  EXPECT_EQ(refused->topics.at(0).partitions.at(0).error_code, ErrorCode::kafka_storage_error);
  EXPECT_EQ(served->error_code, ErrorCode::none) << "the session goes on";
  EXPECT_EQ(served->topics.at(0).partitions.at(0).error_code, ErrorCode::none);
}

TEST_F(RequestFaults, EveryApiCanBeRefused) {
  ClusterConfig config;
  config.brokers = 1;
  bool on = false;
  config.request_hook = [&on](const RequestSummary&) {
    return on ? RequestFault{RequestFault::Kind::answer_error, ErrorCode::request_timed_out, {}} : RequestFault{};
  };
  cluster.emplace(std::move(config));
  cluster->create_topic("orders", 1, 1);
  on = true;
  ListOffsetsRequest list;
  list.topics.push_back({"orders", {{.partition_index = 0}}});
  OffsetForLeaderEpochRequest epochs;
  epochs.topics.push_back({"orders", {{.partition = 0}}});
  MetadataRequest metadata;
  metadata.topics = std::vector<MetadataRequest::Topic>{{.topic_id = {}, .name = "orders"}};
  CreateTopicsRequest create;
  create.topics.emplace_back().name = "x";

  const ErrorCode code = ErrorCode::request_timed_out;
  EXPECT_EQ(cluster->ask<FetchResponse>({0}, fetch_request(orders, 0))->topics[0].partitions[0].error_code, code);
  EXPECT_EQ(cluster->ask<ListOffsetsResponse>({0}, list)->topics[0].partitions[0].error_code, code);
  EXPECT_EQ(cluster->ask<OffsetForLeaderEpochResponse>({0}, epochs)->topics[0].partitions[0].error_code, code);
  EXPECT_EQ(cluster->ask<MetadataResponse>({0}, metadata)->topics[0].error_code, code);
  EXPECT_EQ(cluster->ask<CreateTopicsResponse>({0}, create)->topics[0].error_code, code);
  EXPECT_EQ(cluster->ask<InitProducerIdResponse>({0}, InitProducerIdRequest{})->error_code, code);
  EXPECT_EQ(cluster->ask<FindCoordinatorResponse>({0}, FindCoordinatorRequest{}, 3)->error_code, code);
  EXPECT_EQ(cluster->ask<ApiVersionsResponse>({0}, ApiVersionsRequest{})->error_code, code);
}

}  // namespace
}  // namespace acklab::broker
