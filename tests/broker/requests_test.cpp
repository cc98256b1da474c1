// How a broker treats what comes over a connection: every API and version that it offers, the order of answers, and bytes that are no
// request at all.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "broker/dispatch.h"
#include "protocol/messages/api_versions.h"
#include "protocol/messages/find_coordinator.h"
#include "protocol/messages/init_producer_id.h"
#include "protocol/messages/offset_for_leader_epoch.h"
#include "protocol/messages/registry.h"
#include "protocol/runtime/random.h"
#include "tests/broker/test_cluster.h"

namespace acklab::broker {
namespace {

using protocol::Acks;
using protocol::ApiVersionsRequest;
using protocol::ApiVersionsResponse;
using protocol::Bytes;
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
using protocol::NodeId;
using protocol::OffsetForLeaderEpochRequest;
using protocol::OffsetForLeaderEpochResponse;
using protocol::ProduceRequest;
using protocol::ProduceResponse;
using protocol::Slice;
using protocol::TopicPartition;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

const TopicPartition orders{"orders", 0};

// One broker, one topic: enough for everything that concerns a single connection.
class Requests : public testing::Test {
 protected:
  Requests() : cluster(ClusterConfig{.brokers = 1}) { cluster.create_topic("orders", 1, 1); }

  Wire& wire() { return cluster.connect({0}); }
  bool alive() { return cluster.ask<MetadataResponse>({0}, MetadataRequest{}).has_value(); }

  TestCluster cluster;
};

Bytes raw(const std::vector<int>& values) {
  std::vector<std::byte> bytes;
  for (const int value : values) bytes.push_back(static_cast<std::byte>(value));
  return Bytes(Slice::copy_of(bytes));
}

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

TEST_F(Requests, ProduceIsServedInEveryVersionAndBeforeMagic2TheAnswerIsThatItIsNot) {
  std::int64_t expected = 0;
  ask_in_all_versions<ProduceResponse>(cluster, produce_request(orders, batch_of({"a"}), Acks::all),
                                       [&](const ProduceResponse& answer, std::int16_t version) {
                                         const auto& partition = answer.topics.at(0).partitions.at(0);
                                         EXPECT_EQ(answer.topics[0].name, "orders");
                                         if (version < 3) {
                                           EXPECT_EQ(partition.error_code, ErrorCode::unsupported_version);
                                           return;
                                         }
                                         EXPECT_EQ(partition.error_code, ErrorCode::none);
                                         EXPECT_EQ(partition.base_offset, expected++);
                                       });
}

TEST_F(Requests, FetchIsServedInEveryVersion) {
  cluster.produce(orders, batch_of({"a"}), Acks::all);

  ask_in_all_versions<FetchResponse>(cluster, fetch_request(orders, 0), [](const FetchResponse& answer, std::int16_t) {
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

  ask_in_all_versions<ListOffsetsResponse>(cluster, request, [](const ListOffsetsResponse& answer, std::int16_t) {
    EXPECT_EQ(answer.topics.at(0).partitions.at(0).error_code, ErrorCode::none);
    EXPECT_EQ(answer.topics.at(0).partitions.at(0).offset, 2);
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

TEST_F(Requests, AnApiThatIsNotServedClosesTheConnection) {
  for (const int key : {4, 11, 56, 62, 63, 67, 999, 20001, -1}) {
    Wire& connection = wire();
    cluster.send(connection, frame_of(static_cast<std::int16_t>(key), 0, false));

    EXPECT_TRUE(cluster.closes(connection)) << key;
    EXPECT_EQ(connection.bytes, 0U);
  }
  EXPECT_TRUE(alive());
}

TEST_F(Requests, AFrameOfNegativeOrHugeLengthClosesItsConnectionOnly) {
  Wire& bystander = wire();
  for (const Bytes& bytes : {raw({0xff, 0xff, 0xff, 0xff}), raw({0x7f, 0xff, 0xff, 0xff, 0, 0}), raw({0x80, 0, 0, 0}),
                             raw({0, 0, 0, 0}), raw({0, 0, 0, 3, 0, 18, 0})}) {
    Wire& connection = wire();
    cluster.send(connection, bytes);

    EXPECT_TRUE(cluster.closes(connection));
    EXPECT_EQ(connection.bytes, 0U);
  }
  EXPECT_TRUE(cluster.ask<MetadataResponse>(bystander, MetadataRequest{}).has_value());
}

TEST_F(Requests, ATruncatedRequestClosesItsConnectionAndSaysWhy) {
  const Slice whole = protocol::encode(produce_request(orders, batch_of({"a"}), Acks::leader), 9).flatten();
  for (std::size_t length = 0; length < whole.size(); length += 3) {
    Wire& connection = wire();
    cluster.send(connection, frame_of(0, 9, true, Bytes(whole.part(0, length))));

    EXPECT_TRUE(cluster.closes(connection)) << length;
    EXPECT_EQ(connection.bytes, 0U);
  }
  EXPECT_THAT(cluster.log, Contains(HasSubstr("Produce v9 from \"test\"")));
  EXPECT_THAT(cluster.seen(Event::appended), IsEmpty());
  EXPECT_TRUE(alive());
}

TEST_F(Requests, BitFlipsAreAnsweredOrCloseTheConnectionAndNothingElse) {
  const std::vector<Bytes> frames = {
      protocol::request_frame(produce_request(orders, batch_of({"a", "b"}), Acks::leader), 9, 1, "test"),
      protocol::request_frame(produce_request(orders, batch_of({"a"}), Acks::leader), 3, 1, "test"),
      protocol::request_frame(fetch_request(orders, 0), 12, 1, "test"),
      protocol::request_frame(MetadataRequest{}, 12, 1, "test"),
  };
  protocol::Random random(2024);
  for (int i = 0; i < 400; ++i) {
    const Slice original = frames[static_cast<std::size_t>(i) % frames.size()].flatten();
    std::vector<std::byte> bytes(original.view().begin(), original.view().end());
    const std::uint64_t bit = 32 + random.below(bytes.size() * 8 - 32);  // the length itself stays
    bytes[bit / 8] ^= static_cast<std::byte>(1U << (bit % 8));
    Wire& connection = wire();

    cluster.send(connection, Bytes(Slice::copy_of(bytes)));
    cluster.eventually([&] { return connection.closed || !connection.frames.empty(); }, 1s);
  }

  EXPECT_TRUE(alive());
}

TEST_F(Requests, AnswersLeaveInTheOrderOfTheRequestsEvenBehindOneThatWaits) {
  Wire& connection = wire();
  FetchRequest waiting = fetch_request(orders, 0, 2000);
  cluster.send_request(connection, waiting, 12);
  cluster.send_request(connection, MetadataRequest{}, 12);

  EXPECT_FALSE(cluster.next_frame(connection, 1s).has_value()) << "the Fetch holds all behind it";
  EXPECT_TRUE(cluster.answer<FetchResponse>(connection, 1, 12).has_value());
  EXPECT_TRUE(cluster.answer<MetadataResponse>(connection, 2, 12).has_value());
}

TEST_F(Requests, ThousandsOfPipelinedRequestsAreAllAnswered) {
  Wire& connection = wire();
  Bytes all;
  for (std::int32_t i = 1; i <= 3000; ++i) all.append(protocol::request_frame(FindCoordinatorRequest{}, 0, i, "test"));
  cluster.send(connection, all);

  for (std::int32_t i = 1; i <= 3000; ++i) {
    ASSERT_TRUE(cluster.answer<FindCoordinatorResponse>(connection, i, 0).has_value()) << i;
  }
}

TEST_F(Requests, RequestsBehindAnUnreadableFrameAreLostButThoseBeforeItAreServed) {
  Wire& connection = wire();
  Bytes bytes = protocol::request_frame(fetch_request(orders, 0, 1000), 12, 1, "test");
  bytes.append(raw({0xff, 0xff, 0xff, 0xff}));
  cluster.send(connection, bytes);

  EXPECT_TRUE(cluster.answer<FetchResponse>(connection, 1, 12).has_value());
  EXPECT_TRUE(cluster.closes(connection));
}

TEST_F(Requests, AcksZeroIsAnsweredWithNoByteAtAll) {
  Wire& connection = wire();
  cluster.send_request(connection, produce_request(orders, batch_of({"a"}), Acks::none), 9);
  cluster.run_for(5s);

  EXPECT_EQ(connection.bytes, 0U);
  EXPECT_FALSE(connection.closed);
  EXPECT_THAT(cluster.read(orders), ElementsAre("a"));
  EXPECT_THAT(cluster.seen(Event::answered), IsEmpty());
  // The next request is answered under its own number.
  EXPECT_TRUE(cluster.ask<MetadataResponse>(connection, MetadataRequest{}).has_value());
}

TEST_F(Requests, AnErrorUnderAcksZeroClosesTheConnection) {
  Wire& connection = wire();
  cluster.send_request(connection, produce_request({"nowhere", 0}, batch_of({"a"}), Acks::none), 9);

  EXPECT_TRUE(cluster.closes(connection));
  EXPECT_EQ(connection.bytes, 0U);
}

TEST_F(Requests, WhatAClientSentBeforeItClosedIsServed) {
  Wire& connection = wire();
  cluster.send_request(connection, produce_request(orders, batch_of({"a"}), Acks::none), 9);
  cluster.world.ask(NodeId::client(0), [&] { connection.connection->close(); });

  EXPECT_TRUE(cluster.eventually([&] { return cluster.read(orders) == std::vector<std::string>{"a"}; }));
}

TEST_F(Requests, EachPartitionOfAProduceIsJudgedByItself) {
  ProduceRequest request = produce_request(orders, batch_of({"good"}), Acks::all);
  request.topics.push_back({"nowhere", {{0, batch_of({"x"})}}});
  request.topics[0].partitions.push_back({7, batch_of({"x"})});
  request.topics[0].partitions.push_back({-1, batch_of({"x"})});

  const auto answer = cluster.ask<ProduceResponse>({0}, request);

  ASSERT_TRUE(answer.has_value());
  ASSERT_THAT(answer->topics, SizeIs(2));
  ASSERT_THAT(answer->topics[0].partitions, SizeIs(3));
  EXPECT_EQ(answer->topics[0].partitions[0].error_code, ErrorCode::none);
  EXPECT_EQ(answer->topics[0].partitions[1].error_code, ErrorCode::unknown_topic_or_partition);
  EXPECT_EQ(answer->topics[0].partitions[2].error_code, ErrorCode::unknown_topic_or_partition);
  EXPECT_EQ(answer->topics[1].partitions[0].error_code, ErrorCode::unknown_topic_or_partition);
}

TEST_F(Requests, OfAPartitionThatIsNamedTwiceTheLastBatchCounts) {
  ProduceRequest request = produce_request(orders, batch_of({"first"}), Acks::all);
  request.topics.push_back({"orders", {{0, batch_of({"last"})}}});

  const auto answer = cluster.ask<ProduceResponse>({0}, request);

  ASSERT_TRUE(answer.has_value());
  ASSERT_THAT(answer->topics, SizeIs(1));
  EXPECT_THAT(answer->topics[0].partitions, SizeIs(1));
  EXPECT_THAT(cluster.read(orders), ElementsAre("last"));
}

TEST_F(Requests, ABatchThatIsNoneIsRefusedWithKafkasCode) {
  const auto flipped = [] {
    const Slice good = batch_of({"value"});
    std::vector<std::byte> bytes(good.view().begin(), good.view().end());
    bytes.back() ^= std::byte{1};
    return Slice::copy_of(bytes);
  };
  const auto transactional = [] {
    const Slice good = batch_of({"value"});
    std::vector<std::byte> bytes(good.view().begin(), good.view().end());
    bytes[22] |= std::byte{0x10};
    return Slice::copy_of(bytes);
  };

  EXPECT_EQ(cluster.produce(orders, {}, Acks::all).error_code, ErrorCode::invalid_record);
  EXPECT_EQ(cluster.produce(orders, flipped(), Acks::all).error_code, ErrorCode::corrupt_message);
  EXPECT_EQ(cluster.produce(orders, batch_of({std::string(1'100'000, 'x')}), Acks::all).error_code, ErrorCode::message_too_large);
  EXPECT_EQ(cluster.produce(orders, transactional(), Acks::all).error_code, ErrorCode::transactional_id_authorization_failed);
  EXPECT_EQ(cluster.produce(orders, batch_of({"a"}), static_cast<Acks>(2)).error_code, ErrorCode::invalid_required_acks);
  EXPECT_THAT(cluster.read(orders), IsEmpty());
}

TEST_F(Requests, ARefusalSaysWhy) {
  const auto refused = cluster.produce(orders, batch_of({"a"}).part(0, 40), Acks::all);
  EXPECT_EQ(refused.error_code, ErrorCode::corrupt_message);
  ASSERT_TRUE(refused.error_message.has_value());
  EXPECT_FALSE(refused.error_message->empty());
  EXPECT_THAT(refused.record_errors, IsEmpty());

  const auto good = cluster.produce(orders, batch_of({"a"}), Acks::all);
  EXPECT_EQ(good.log_append_time_ms, -1);
  EXPECT_FALSE(good.error_message.has_value());
}

TEST_F(Requests, InternalTopicsAreNotForClients) {
  cluster.create_topic("__consumer_offsets", 1, 1);
  const TopicPartition offsets{"__consumer_offsets", 0};

  EXPECT_EQ(cluster.produce(offsets, batch_of({"a"}), Acks::all).error_code, ErrorCode::invalid_topic_exception);

  Wire& connection = wire();
  cluster.send(connection, protocol::request_frame(produce_request(offsets, batch_of({"a"}), Acks::all), 9, 1, "__admin_client"));
  EXPECT_EQ(cluster.answer<ProduceResponse>(connection, 1, 9)->topics[0].partitions[0].error_code, ErrorCode::none);
}

// Whoever fails more than one check is told of the first.
TEST_F(Requests, ChecksCountInKafkasOrder) {
  const Slice corrupt = [] {
    const Slice good = batch_of({"value"});
    std::vector<std::byte> bytes(good.view().begin(), good.view().end());
    bytes.back() ^= std::byte{1};
    return Slice::copy_of(bytes);
  }();
  const auto bad_acks = static_cast<Acks>(2);
  cluster.create_topic("__transaction_state", 1, 1);
  cluster.create_topic("tiny", 1, 1, {{"max.message.bytes", "50"}});

  EXPECT_EQ(cluster.produce(orders, {}, bad_acks).error_code, ErrorCode::invalid_record);
  EXPECT_EQ(cluster.produce(orders, corrupt, bad_acks).error_code, ErrorCode::invalid_required_acks);
  EXPECT_EQ(cluster.produce({"__transaction_state", 0}, corrupt, Acks::all).error_code, ErrorCode::invalid_topic_exception);
  EXPECT_EQ(cluster.produce({"tiny", 0}, corrupt, Acks::all).error_code, ErrorCode::message_too_large);
}

TEST_F(Requests, ABatchThatFitsInNoSegmentIsRefused) {
  cluster.create_topic("small", 1, 1, {{"segment.bytes", "500"}});

  EXPECT_EQ(cluster.produce({"small", 0}, batch_of({std::string(600, 'x')}), Acks::all).error_code,
            ErrorCode::record_list_too_large);
  EXPECT_EQ(cluster.produce({"small", 0}, batch_of({std::string(300, 'x')}), Acks::all).error_code, ErrorCode::none);
}

TEST_F(Requests, AFetchWaitsForMinBytesAndNoLongerThanItSaid) {
  Wire& connection = wire();
  const auto begin = cluster.world.now();
  EXPECT_TRUE(cluster.ask<FetchResponse>(connection, fetch_request(orders, 0, 700)).has_value());
  EXPECT_GE(cluster.world.now() - begin, 700ms);

  cluster.send_request(connection, fetch_request(orders, 0, 60000), 12);
  cluster.produce(orders, batch_of({"a"}), Acks::all);
  const auto woken = cluster.answer<FetchResponse>(connection, 2, 12, 1s);
  ASSERT_TRUE(woken.has_value());
  EXPECT_FALSE(woken->topics[0].partitions[0].records->empty());
}

TEST_F(Requests, AFetchOutsideTheLogIsToldWhereTheLogIs) {
  cluster.produce(orders, batch_of({"a", "b"}), Acks::all);

  const auto answer = cluster.ask<FetchResponse>({0}, fetch_request(orders, 3, 60000));

  ASSERT_TRUE(answer.has_value());
  const auto& partition = answer->topics[0].partitions[0];
  EXPECT_EQ(partition.error_code, ErrorCode::offset_out_of_range);
  EXPECT_EQ(partition.high_watermark, 2);
  EXPECT_EQ(partition.log_start_offset, 0);
}

TEST_F(Requests, TheFirstBatchIsServedHoweverSmallTheLimit) {
  cluster.produce(orders, batch_of({std::string(5000, 'x')}), Acks::all);
  cluster.produce(orders, batch_of({"y"}), Acks::all);
  FetchRequest request = fetch_request(orders, 0);
  request.max_bytes = 1;
  request.topics[0].partitions[0].partition_max_bytes = 1;

  const auto answer = cluster.ask<FetchResponse>({0}, request);

  ASSERT_TRUE(answer.has_value());
  const auto batches = protocol::split_batches(*answer->topics[0].partitions[0].records);
  ASSERT_TRUE(batches.has_value());
  EXPECT_THAT(*batches, SizeIs(1));
}

TEST_F(Requests, AFetchSessionThatWasNeverGrantedIsUnknown) {
  FetchRequest request = fetch_request(orders, 0);
  request.session_id = 77;
  request.session_epoch = 1;
  const auto incremental = cluster.ask<FetchResponse>({0}, request);
  ASSERT_TRUE(incremental.has_value());
  EXPECT_EQ(incremental->error_code, ErrorCode::fetch_session_id_not_found);
  EXPECT_THAT(incremental->topics, IsEmpty());

  request.session_epoch = -1;
  const auto full = cluster.ask<FetchResponse>({0}, request);
  ASSERT_TRUE(full.has_value());
  EXPECT_EQ(full->error_code, ErrorCode::none);
  EXPECT_EQ(full->session_id, 0);
  EXPECT_THAT(full->topics, SizeIs(1));
}

TEST_F(Requests, AFetchSessionAnswersWithWhatIsNewAndWaitsForIt) {
  cluster.create_topic("two", 2, 1);
  FetchRequest request = fetch_request({"two", 0}, 0);
  request.topics[0].partitions.push_back(fetch_request({"two", 1}, 0).topics[0].partitions[0]);
  request.session_epoch = 0;
  Wire& connection = wire();
  const auto full = cluster.ask<FetchResponse>(connection, request, 7);
  ASSERT_TRUE(full.has_value());
  ASSERT_NE(full->session_id, 0);
  ASSERT_THAT(full->topics, SizeIs(1));
  EXPECT_THAT(full->topics[0].partitions, SizeIs(2));

  FetchRequest next;
  next.session_id = full->session_id;
  next.session_epoch = 1;
  next.min_bytes = 1;
  next.max_wait_ms = 60000;
  const std::int32_t waiting = cluster.send_request(connection, next, 12);
  EXPECT_FALSE(cluster.next_frame(connection, 1s).has_value()) << "nothing is new";
  cluster.produce({"two", 1}, batch_of({"a"}), Acks::all);
  const auto news = cluster.answer<FetchResponse>(connection, waiting, 12, 1s);

  ASSERT_TRUE(news.has_value());
  EXPECT_EQ(news->session_id, full->session_id);
  ASSERT_THAT(news->topics, SizeIs(1));
  ASSERT_THAT(news->topics[0].partitions, SizeIs(1));
  EXPECT_EQ(news->topics[0].partitions[0].partition_index, 1);
  EXPECT_FALSE(news->topics[0].partitions[0].records->empty());
}

TEST_F(Requests, ATopicThatIsStoredInZstdIsNotForOldConsumers) {
  cluster.create_topic("zstd", 1, 1, {{"compression.type", "zstd"}});
  const auto code = [&](std::int16_t version) {
    return cluster.ask<FetchResponse>({0}, fetch_request({"zstd", 0}, 0), version)->topics[0].partitions[0].error_code;
  };

  EXPECT_EQ(code(9), ErrorCode::unsupported_compression_type);
  EXPECT_EQ(code(10), ErrorCode::none);
}

TEST_F(Requests, TheTopicsSettingsShapeWhatIsStored) {
  cluster.create_topic("stamped", 1, 1, {{"message.timestamp.type", "LogAppendTime"}, {"compression.type", "gzip"}});

  const auto produced = cluster.produce({"stamped", 0}, batch_of({"a"}), Acks::all);

  EXPECT_EQ(produced.error_code, ErrorCode::none);
  EXPECT_GT(produced.log_append_time_ms, 1000) << "what the producer said";
  const auto fetched = cluster.ask<FetchResponse>({0}, fetch_request({"stamped", 0}, 0));
  const auto batch = protocol::RecordBatch::first(*fetched->topics[0].partitions[0].records);
  ASSERT_TRUE(batch.has_value());
  EXPECT_TRUE(batch->header().log_append_time());
  EXPECT_EQ(batch->header().max_timestamp, produced.log_append_time_ms);
  EXPECT_EQ(batch->header().codec_bits(), 1);
}

TEST_F(Requests, BadRecordsAreListedSinceVersion8) {
  cluster.create_topic("compacted", 1, 1, {{"cleanup.policy", "compact"}});
  const ProduceRequest request = produce_request({"compacted", 0}, batch_of({"a", "b"}), Acks::all);

  const auto listed = cluster.ask<ProduceResponse>({0}, request, 8)->topics[0].partitions[0];
  EXPECT_EQ(listed.error_code, ErrorCode::invalid_record);
  ASSERT_THAT(listed.record_errors, SizeIs(2));
  EXPECT_EQ(listed.record_errors[1].batch_index, 1);
  EXPECT_EQ(cluster.ask<ProduceResponse>({0}, request, 7)->topics[0].partitions[0].error_code, ErrorCode::invalid_record);
}

TEST_F(Requests, MinBytesCountsWhatALimitCutsOff) {
  for (int i = 0; i < 4; ++i) cluster.produce(orders, batch_of({std::string(400, 'x')}), Acks::all);
  FetchRequest request = fetch_request(orders, 0, 60000);
  request.min_bytes = 1000;
  request.topics[0].partitions[0].partition_max_bytes = 1000;  // two batches, and not quite a third
  const auto begin = cluster.world.now();

  const auto answer = cluster.ask<FetchResponse>({0}, request);

  ASSERT_TRUE(answer.has_value());
  EXPECT_LT(cluster.world.now() - begin, 1s);
  EXPECT_THAT(*protocol::split_batches(*answer->topics[0].partitions[0].records), SizeIs(2));
}

TEST_F(Requests, AReaderOnAnOldSegmentDoesNotWait) {
  cluster.create_topic("rolling", 1, 1, {{"segment.bytes", "600"}});
  for (int i = 0; i < 2; ++i) cluster.produce({"rolling", 0}, batch_of({std::string(400, 'x')}), Acks::all);
  FetchRequest request = fetch_request({"rolling", 0}, 0, 60000);
  request.min_bytes = 100'000;
  const auto begin = cluster.world.now();

  ASSERT_TRUE(cluster.ask<FetchResponse>({0}, request).has_value());

  EXPECT_LT(cluster.world.now() - begin, 1s);
}

TEST_F(Requests, ListOffsetsFindsEndsAndTimesAndRefusesRepetition) {
  cluster.produce(orders, batch_of({"a", "b"}), Acks::all);  // at timestamp 1000
  const auto ask = [&](std::int64_t timestamp) {
    ListOffsetsRequest request;
    request.replica_id = -1;
    request.topics.push_back({"orders", {{.partition_index = 0, .timestamp = timestamp}}});
    return cluster.ask<ListOffsetsResponse>({0}, request)->topics[0].partitions[0];
  };
  EXPECT_EQ(ask(-1).offset, 2);
  EXPECT_EQ(ask(-2).offset, 0);
  EXPECT_EQ(ask(1000).offset, 0);
  EXPECT_EQ(ask(1000).timestamp, 1000);
  EXPECT_EQ(ask(1001).offset, -1);
  EXPECT_EQ(ask(1001).error_code, ErrorCode::none);
  cluster.produce(orders, batch_of({"c"}), Acks::all);
  EXPECT_EQ(ask(-3).offset, 0) << "the first of those with the largest";
  EXPECT_EQ(ask(-3).timestamp, 1000);
  EXPECT_EQ(ask(-3).leader_epoch, 0);
  EXPECT_EQ(ask(-4).offset, 0);
  EXPECT_EQ(ask(-5).offset, -1);
  EXPECT_EQ(ask(-5).error_code, ErrorCode::none);

  ListOffsetsRequest twice;
  twice.topics.push_back({"orders", {{.partition_index = 0, .timestamp = -1}, {.partition_index = 0, .timestamp = -2}}});
  const auto answer = cluster.ask<ListOffsetsResponse>({0}, twice);
  ASSERT_THAT(answer->topics[0].partitions, SizeIs(1));
  EXPECT_EQ(answer->topics[0].partitions[0].error_code, ErrorCode::invalid_request);
}

TEST_F(Requests, ListOffsetsKnowsEachPlaceSinceItsVersion) {
  const auto code = [&](std::int64_t timestamp, std::int16_t version) {
    ListOffsetsRequest request;
    request.replica_id = -1;
    request.topics.push_back({"orders", {{.partition_index = 0, .timestamp = timestamp}}});
    return cluster.ask<ListOffsetsResponse>({0}, request, version)->topics[0].partitions[0].error_code;
  };
  const struct {
    std::int64_t timestamp;
    std::int16_t first;
  } cases[] = {{-1, 1}, {-2, 1}, {-3, 7}, {-4, 8}, {-5, 9}};

  for (const auto& c : cases) {
    EXPECT_EQ(code(c.timestamp, c.first), ErrorCode::none) << c.timestamp;
    if (c.first > 1) {
      EXPECT_EQ(code(c.timestamp, static_cast<std::int16_t>(c.first - 1)), ErrorCode::unsupported_version) << c.timestamp;
    }
  }
  EXPECT_EQ(code(-6, 10), ErrorCode::unsupported_version);
  EXPECT_EQ(code(INT64_MIN, 10), ErrorCode::unsupported_version);
}

TEST_F(Requests, MetadataCreatesAMissingTopicIfItMay) {
  MetadataRequest request;
  request.topics = std::vector<MetadataRequest::Topic>{{.topic_id = {}, .name = "fresh"}, {.topic_id = {}, .name = "a b"}};
  request.allow_auto_topic_creation = false;
  const auto asked = [&] { return *cluster.ask<MetadataResponse>({0}, request); };

  EXPECT_EQ(asked().topics[0].error_code, ErrorCode::unknown_topic_or_partition);
  EXPECT_EQ(asked().topics[1].error_code, ErrorCode::unknown_topic_or_partition);

  request.allow_auto_topic_creation = true;
  EXPECT_EQ(asked().topics[0].error_code, ErrorCode::unknown_topic_or_partition) << "not there yet, but on its way";
  EXPECT_EQ(asked().topics[1].error_code, ErrorCode::invalid_topic_exception);
  EXPECT_TRUE(cluster.eventually([&] { return asked().topics[0].error_code == ErrorCode::none; }));
}

TEST_F(Requests, NamesBeyondCountingAreCreatedAFewAtATime) {
  MetadataRequest request;
  request.topics.emplace();
  for (int i = 0; i < 12'000; ++i) request.topics->push_back({.topic_id = {}, .name = "flood-" + std::to_string(i)});

  ASSERT_TRUE(cluster.ask<MetadataResponse>({0}, request).has_value());
  cluster.run_for(5s);

  const auto all = cluster.ask<MetadataResponse>({0}, MetadataRequest{.topics = {}});
  ASSERT_TRUE(all.has_value());
  EXPECT_THAT(all->topics, SizeIs(101));
}

TEST_F(Requests, MetadataKnowsTopicsByTheirIdSinceVersion12) {
  const auto all = cluster.ask<MetadataResponse>({0}, MetadataRequest{.topics = {}});
  ASSERT_THAT(all->topics, SizeIs(1));
  MetadataRequest request;
  protocol::Uuid unknown;
  unknown.bytes[3] = 9;
  request.topics =
      std::vector<MetadataRequest::Topic>{{.topic_id = all->topics[0].topic_id, .name = {}}, {.topic_id = unknown, .name = {}}};

  const auto answer = cluster.ask<MetadataResponse>({0}, request);

  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->topics[0].name, "orders");
  EXPECT_EQ(answer->topics[1].error_code, ErrorCode::unknown_topic_id);
}

// --- Planned faults ---

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
  const auto refused = cluster->ask<FetchResponse>(connection, next);
  refuses = false;
  next.session_epoch = 2;
  const auto served = cluster->ask<FetchResponse>(connection, next);

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
  EXPECT_EQ(cluster->ask<FindCoordinatorResponse>({0}, FindCoordinatorRequest{})->error_code, code);
  EXPECT_EQ(cluster->ask<ApiVersionsResponse>({0}, ApiVersionsRequest{})->error_code, code);
}

// --- A cluster's life ---

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
