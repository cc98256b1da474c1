// Every API and version that a broker offers is served, and nothing else.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "broker/dispatch.h"
#include "protocol/messages/api_versions.h"
#include "protocol/messages/find_coordinator.h"
#include "protocol/messages/init_producer_id.h"
#include "protocol/messages/offset_for_leader_epoch.h"
#include "protocol/messages/registry.h"
#include "tests/broker/requests_fixture.h"

namespace acklab::broker {
namespace {

using protocol::Acks;
using protocol::ApiVersionsRequest;
using protocol::ApiVersionsResponse;
using protocol::CreateTopicsRequest;
using protocol::CreateTopicsResponse;
using protocol::ErrorCode;
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
using testing::ElementsAre;
using testing::SizeIs;

const ServedApi* served(std::int16_t key) {
  for (const ServedApi& api : served_apis()) {
    if (api.key == key) return &api;
  }
  return nullptr;
}

// Asks in every version that is served, and in the two beyond.
template <class Answer, class Request>
void ask_in_all_versions(TestCluster& cluster, Request request,
                         const std::function<void(const Answer&, std::int16_t version)>& check) {
  const ServedApi* api = served(Request::info.api_key);
  ASSERT_NE(api, nullptr);
  Wire& wire = cluster.connect({0});
  for (std::int16_t version = api->first_version; version <= api->last_version; ++version) {
    const auto answer = cluster.ask<Answer>(wire, request, version);
    ASSERT_TRUE(answer.has_value()) << "version " << version;
    check(*answer, version);
  }
  for (const int version : {api->first_version - 1, api->last_version + 1}) {
    Wire& other = cluster.connect({0});
    const bool flexible = protocol::flexible(Request::info.api_key, static_cast<std::int16_t>(version));
    cluster.send(other, frame_of(Request::info.api_key, version, flexible));
    EXPECT_TRUE(cluster.closes(other)) << "version " << version;
    EXPECT_EQ(other.bytes, 0U);
  }
}

// What comes is a batch in every version: Kafka does not mind, and message sets have tests of their own.
TEST_F(Requests, ProduceIsServedInEveryVersion) {
  std::int64_t expected = 0;
  auto request = produce_request(orders, batch_of({"a"}), Acks::all);
  request.topics[0].topic_id = cluster.topic_id("orders");
  ask_in_all_versions<ProduceResponse>(cluster, request, [&](const ProduceResponse& answer, std::int16_t version) {
    const auto& partition = answer.topics.at(0).partitions.at(0);
    EXPECT_EQ(answer.topics[0].name, version <= 12 ? "orders" : "");
    EXPECT_EQ(answer.topics[0].topic_id, version <= 12 ? protocol::Uuid{} : request.topics[0].topic_id);
    EXPECT_EQ(partition.error_code, ErrorCode::none);
    EXPECT_EQ(partition.base_offset, expected++);
  });
}

TEST_F(Requests, FetchIsServedInEveryVersion) {
  cluster.produce(orders, batch_of({"a"}), Acks::all);

  auto request = fetch_request(orders, 0);
  request.topics[0].topic_id = cluster.topic_id("orders");
  ask_in_all_versions<FetchResponse>(cluster, request, [](const FetchResponse& answer, std::int16_t) {
    const auto& partition = answer.topics.at(0).partitions.at(0);
    EXPECT_EQ(partition.error_code, ErrorCode::none);
    EXPECT_EQ(partition.high_watermark, 1);
    EXPECT_EQ(answer.session_id, 0);
    ASSERT_TRUE(partition.records.has_value());
    EXPECT_FALSE(partition.records->empty());
  });
}

TEST_F(Requests, ListOffsetsIsServedInEveryVersion) {
  cluster.produce(orders, batch_of({"a", "b"}), Acks::all);
  ListOffsetsRequest request;
  request.replica_id = -1;
  request.topics.push_back({"orders", {{.partition_index = 0, .timestamp = -1}}});

  ask_in_all_versions<ListOffsetsResponse>(cluster, request, [](const ListOffsetsResponse& answer, std::int16_t version) {
    const auto& partition = answer.topics.at(0).partitions.at(0);
    EXPECT_EQ(partition.error_code, ErrorCode::none);
    EXPECT_EQ(version == 0 ? partition.old_style_offsets.at(0) : partition.offset, 2);
  });
}

TEST_F(Requests, MetadataIsServedInEveryVersion) {
  MetadataRequest request;
  request.topics = std::vector<MetadataRequest::Topic>{{.topic_id = {}, .name = "orders"}};

  ask_in_all_versions<MetadataResponse>(cluster, request, [&](const MetadataResponse& answer, std::int16_t version) {
    ASSERT_THAT(answer.brokers, SizeIs(1));
    EXPECT_EQ(answer.brokers[0].host, cluster.cluster.bootstrap()[0].host);
    EXPECT_EQ(answer.brokers[0].port, cluster.cluster.bootstrap()[0].port);
    if (version >= 1) {
      EXPECT_EQ(answer.controller_id, 0);
    }
    const auto& topic = answer.topics.at(0);
    EXPECT_EQ(topic.error_code, ErrorCode::none);
    EXPECT_EQ(topic.partitions.at(0).leader_id, 0);
    EXPECT_THAT(topic.partitions[0].isr_nodes, ElementsAre(0));
  });
}

TEST_F(Requests, FindCoordinatorIsServedInEveryVersionAndFindsNone) {
  ask_in_all_versions<FindCoordinatorResponse>(cluster, FindCoordinatorRequest{.key = "group"},
                                               [](const FindCoordinatorResponse& answer, std::int16_t) {
                                                 EXPECT_EQ(answer.error_code, ErrorCode::coordinator_not_available);
                                                 EXPECT_EQ(answer.node_id, -1);
                                               });
}

TEST_F(Requests, CreateTopicsIsServedInEveryVersion) {
  int number = 0;
  Wire& connection = wire();
  for (std::int16_t version = 0; version <= 7; ++version) {
    CreateTopicsRequest request;
    auto& topic = request.topics.emplace_back();
    topic.name = "new-" + std::to_string(number++);
    topic.num_partitions = 2;
    topic.replication_factor = 1;

    const auto answer = cluster.ask<CreateTopicsResponse>(connection, request, version);

    ASSERT_TRUE(answer.has_value()) << "version " << version;
    EXPECT_EQ(answer->topics.at(0).error_code, ErrorCode::none) << "version " << version;
    EXPECT_EQ(answer->topics[0].name, topic.name);
  }
}

TEST_F(Requests, InitProducerIdIsServedInEveryVersion) {
  ask_in_all_versions<InitProducerIdResponse>(cluster, InitProducerIdRequest{.transactional_id = {}},
                                              [](const InitProducerIdResponse& answer, std::int16_t) {
                                                EXPECT_EQ(answer.error_code, ErrorCode::none);
                                                EXPECT_GE(answer.producer_id, 0);
                                              });
}

TEST_F(Requests, OffsetForLeaderEpochIsServedInEveryVersion) {
  OffsetForLeaderEpochRequest request;
  request.topics.push_back({"orders", {{.partition = 0, .leader_epoch = 0}}});

  ask_in_all_versions<OffsetForLeaderEpochResponse>(cluster, request,
                                                    [](const OffsetForLeaderEpochResponse& answer, std::int16_t) {
                                                      EXPECT_EQ(answer.topics.at(0).partitions.at(0).error_code, ErrorCode::none);
                                                      EXPECT_EQ(answer.topics.at(0).partitions.at(0).end_offset, 0);
                                                    });
}

TEST_F(Requests, ApiVersionsListsExactlyWhatIsServed) {
  Wire& connection = wire();
  for (std::int16_t version = 0; version <= 4; ++version) {
    const auto answer = cluster.ask<ApiVersionsResponse>(
        connection, ApiVersionsRequest{.client_software_name = "raw-client", .client_software_version = "1.0"}, version);

    ASSERT_TRUE(answer.has_value()) << "version " << version;
    EXPECT_EQ(answer->error_code, ErrorCode::none);
    ASSERT_EQ(answer->api_keys.size(), served_apis().size());
    for (std::size_t i = 0; i < served_apis().size(); ++i) {
      EXPECT_EQ(answer->api_keys[i].api_key, served_apis()[i].key);
      EXPECT_EQ(answer->api_keys[i].min_version, served_apis()[i].first_version);
      EXPECT_EQ(answer->api_keys[i].max_version, served_apis()[i].last_version);
    }
    // No feature is above level 0, which only the newest version can say.
    EXPECT_EQ(answer->supported_features.has_value(), version >= 4);
    for (const auto& feature : answer->supported_features.value_or(std::vector<ApiVersionsResponse::SupportedFeature>{})) {
      EXPECT_EQ(feature.max_version, 0) << feature.name;
    }
    EXPECT_EQ(answer->finalized_features_epoch.has_value(), version >= 3);
    EXPECT_FALSE(answer->finalized_features.has_value());
  }
}

TEST_F(Requests, AnUnknownVersionOfApiVersionsIsAnsweredInTheShapeThatEveryClientReads) {
  Wire& connection = wire();
  cluster.send(connection, frame_of(18, 99, true));

  const auto frame = cluster.next_frame(connection);

  ASSERT_TRUE(frame.has_value());
  const auto response = protocol::parse_response(*frame, 18, false);
  ASSERT_TRUE(response.has_value());
  EXPECT_EQ(response->correlation_id, 1);
  const auto answer = protocol::decode<ApiVersionsResponse>(response->body, 0);
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->error_code, ErrorCode::unsupported_version);
  ASSERT_THAT(answer->api_keys, SizeIs(1));
  EXPECT_EQ(answer->api_keys[0].api_key, 18);
  EXPECT_EQ(answer->api_keys[0].max_version, 4);
  EXPECT_TRUE(cluster.ask<ApiVersionsResponse>(connection, ApiVersionsRequest{}, 2).has_value()) << "the connection lives on";
}

TEST_F(Requests, ASoftwareNameThatIsNoneIsRefused) {
  for (const char* name : {"", "-x", "a b", "naïve"}) {
    const auto answer = cluster.ask<ApiVersionsResponse>(
        {0}, ApiVersionsRequest{.client_software_name = name, .client_software_version = "1"}, 3);

    ASSERT_TRUE(answer.has_value());
    EXPECT_EQ(answer->error_code, ErrorCode::invalid_request) << name;
  }
}

}  // namespace
}  // namespace acklab::broker
