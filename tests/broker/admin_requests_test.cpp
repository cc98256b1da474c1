// Topics that are described, altered, grown and deleted, over the wire and in a cluster that goes on serving.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "broker/dispatch.h"
#include "protocol/messages/alter_configs.h"
#include "protocol/messages/create_partitions.h"
#include "protocol/messages/delete_records.h"
#include "protocol/messages/delete_topics.h"
#include "protocol/messages/describe_configs.h"
#include "protocol/messages/describe_log_dirs.h"
#include "protocol/messages/incremental_alter_configs.h"
#include "tests/broker/test_cluster.h"

namespace acklab::broker {
namespace {

using protocol::Acks;
using protocol::AlterConfigsRequest;
using protocol::AlterConfigsResponse;
using protocol::CreatePartitionsRequest;
using protocol::CreatePartitionsResponse;
using protocol::DeleteRecordsRequest;
using protocol::DeleteRecordsResponse;
using protocol::DeleteTopicsRequest;
using protocol::DeleteTopicsResponse;
using protocol::DescribeConfigsRequest;
using protocol::DescribeConfigsResponse;
using protocol::DescribeLogDirsRequest;
using protocol::DescribeLogDirsResponse;
using protocol::ErrorCode;
using protocol::FetchRequest;
using protocol::FetchResponse;
using protocol::IncrementalAlterConfigsRequest;
using protocol::IncrementalAlterConfigsResponse;
using protocol::MetadataRequest;
using protocol::MetadataResponse;
using protocol::NodeId;
using protocol::ProduceResponse;
using protocol::TopicPartition;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

constexpr std::int8_t topic_resource = 2, broker_resource = 4;
const TopicPartition orders{"orders", 0};

// Asks in every version that is served, each time with a request of its own.
template <class Answer, class Make, class Check>
void in_all_versions(TestCluster& cluster, const Make& make, const Check& check) {
  const auto apis = served_apis();
  const auto api = std::find_if(apis.begin(), apis.end(), [](const ServedApi& one) { return one.key == Answer::info.api_key; });
  ASSERT_NE(api, apis.end());
  EXPECT_EQ(api->first_version, 0);
  EXPECT_EQ(api->last_version, Answer::info.last_version);
  for (std::int16_t version = 0; version <= api->last_version; ++version) {
    const auto answer = cluster.ask<Answer>({0}, make(version), version);
    ASSERT_TRUE(answer.has_value()) << "version " << version;
    check(*answer, version);
  }
}

DescribeConfigsRequest describe_request(std::int8_t type, const std::string& name, std::vector<std::string> keys = {}) {
  DescribeConfigsRequest request;
  request.resources.push_back({type, name, std::nullopt});
  if (!keys.empty()) request.resources[0].configuration_keys = std::move(keys);
  request.include_synonyms = true;
  request.include_documentation = true;
  return request;
}

IncrementalAlterConfigsRequest set_request(std::int8_t type, const std::string& name, const std::string& key,
                                           const std::string& value) {
  IncrementalAlterConfigsRequest request;
  request.resources.push_back({type, name, {{key, 0, value}}});
  return request;
}

DeleteTopicsRequest delete_request(const std::string& name) {
  DeleteTopicsRequest request;
  request.topics.push_back({.name = name, .topic_id = {}});
  return request;
}

class AdminRequests : public testing::Test {
 protected:
  AdminRequests() : cluster(ClusterConfig{.brokers = 3, .set = {{"log.segment.delete.delay.ms", "5000"}}}) {
    cluster.create_topic("orders", 1, 3);
  }

  std::string value_of(const std::string& key, BrokerId broker = {0}) {
    const auto answer = cluster.ask<DescribeConfigsResponse>(broker, describe_request(topic_resource, "orders", {key}));
    return answer->results.at(0).configs.at(0).value.value_or("null");
  }
  void set(const std::string& key, const std::string& value) {
    const auto answer = cluster.ask<IncrementalAlterConfigsResponse>({0}, set_request(topic_resource, "orders", key, value));
    ASSERT_EQ(answer->responses.at(0).error_code, ErrorCode::none);
    ASSERT_TRUE(cluster.eventually([&] { return value_of(key, cluster.leader(orders)) == value; }));
  }
  void delete_topic(const std::string& name) {
    const auto answer = cluster.ask<DeleteTopicsResponse>({0}, delete_request(name));
    ASSERT_EQ(answer->responses.at(0).error_code, ErrorCode::none);
    ASSERT_TRUE(cluster.eventually([&] { return topics().empty(); }));
  }
  // As every broker knows them.
  std::vector<std::string> topics() {
    std::vector<std::string> names;
    for (const BrokerId broker : cluster.cluster.brokers()) {
      if (!cluster.cluster.alive(NodeId::broker(broker))) continue;
      const auto metadata = cluster.ask<MetadataResponse>(broker, MetadataRequest{.topics = {}});
      for (const auto& topic : metadata->topics) names.push_back(topic.name.value_or(""));
    }
    return names;
  }
  // Directories on a broker's disk whose name begins so.
  std::vector<std::string> directories(BrokerId broker, const std::string& prefix) {
    std::vector<std::string> found;
    for (const std::string& name : cluster.cluster.disk(NodeId::broker(broker)).list("")) {
      if (name.starts_with(prefix)) found.push_back(name);
    }
    return found;
  }

  TestCluster cluster;
};

// --- DescribeConfigs ---

TEST_F(AdminRequests, DescribeConfigsIsServedInEveryVersion) {
  in_all_versions<DescribeConfigsResponse>(
      cluster, [](std::int16_t) { return describe_request(topic_resource, "orders", {"retention.ms"}); },
      [](const DescribeConfigsResponse& answer, std::int16_t version) {
        ASSERT_THAT(answer.results, SizeIs(1));
        EXPECT_EQ(answer.results[0].error_code, ErrorCode::none);
        ASSERT_THAT(answer.results[0].configs, SizeIs(1));
        const auto& config = answer.results[0].configs[0];
        EXPECT_EQ(config.name, "retention.ms");
        EXPECT_EQ(config.value, "604800000");
        EXPECT_EQ(config.is_default, version == 0);
        EXPECT_EQ(config.config_source, version == 0 ? -1 : 5);
        EXPECT_THAT(config.synonyms, SizeIs(version == 0 ? 0 : 1));
        EXPECT_EQ(config.config_type, version < 3 ? 0 : 5);
        EXPECT_EQ(config.documentation.value_or("").empty(), version < 3);
      });
}

TEST_F(AdminRequests, ABrokerDescribesItselfAndNoOther) {
  const auto itself = cluster.ask<DescribeConfigsResponse>({1}, describe_request(broker_resource, "1"));
  EXPECT_EQ(itself->results.at(0).error_code, ErrorCode::none);
  EXPECT_GT(itself->results[0].configs.size(), 40U);

  const auto other = cluster.ask<DescribeConfigsResponse>({1}, describe_request(broker_resource, "2"));
  EXPECT_EQ(other->results.at(0).error_code, ErrorCode::invalid_request);
  const auto nothing = cluster.ask<DescribeConfigsResponse>({1}, describe_request(topic_resource, "nowhere"));
  EXPECT_EQ(nothing->results.at(0).error_code, ErrorCode::unknown_topic_or_partition);
  const auto illegal = cluster.ask<DescribeConfigsResponse>({1}, describe_request(topic_resource, "no where"));
  EXPECT_EQ(illegal->results.at(0).error_code, ErrorCode::invalid_topic_exception);
  const auto strange = cluster.ask<DescribeConfigsResponse>({1}, describe_request(8, "1"));
  EXPECT_EQ(strange->results.at(0).error_code, ErrorCode::invalid_request);
}

// --- AlterConfigs ---

TEST_F(AdminRequests, AlterConfigsIsServedInEveryVersion) {
  in_all_versions<AlterConfigsResponse>(
      cluster,
      [](std::int16_t version) {
        AlterConfigsRequest request;
        request.resources.push_back({topic_resource, "orders", {{"flush.messages", std::to_string(version + 1)}}});
        return request;
      },
      [&](const AlterConfigsResponse& answer, std::int16_t version) {
        EXPECT_EQ(answer.responses.at(0).error_code, ErrorCode::none);
        EXPECT_EQ(answer.responses.at(0).resource_name, "orders");
        EXPECT_TRUE(cluster.eventually([&] { return value_of("flush.messages") == std::to_string(version + 1); }));
      });
}

TEST_F(AdminRequests, IncrementalAlterConfigsIsServedInEveryVersion) {
  in_all_versions<IncrementalAlterConfigsResponse>(
      cluster,
      [](std::int16_t version) { return set_request(topic_resource, "orders", "flush.ms", std::to_string(version + 1)); },
      [&](const IncrementalAlterConfigsResponse& answer, std::int16_t version) {
        EXPECT_EQ(answer.responses.at(0).error_code, ErrorCode::none);
        EXPECT_TRUE(cluster.eventually([&] { return value_of("flush.ms") == std::to_string(version + 1); }));
      });
}

TEST_F(AdminRequests, AChangedSizeOfMessagesIsInForceAtOnce) {
  EXPECT_EQ(cluster.produce(orders, batch_of({"a"}), Acks::all).error_code, ErrorCode::none);
  set("max.message.bytes", "10");
  EXPECT_EQ(cluster.produce(orders, batch_of({"a"}), Acks::all).error_code, ErrorCode::message_too_large);
  set("max.message.bytes", "1000");
  EXPECT_EQ(cluster.produce(orders, batch_of({"a"}), Acks::all).error_code, ErrorCode::none);
}

TEST_F(AdminRequests, ABrokersChangedDefaultIsInForceForTopicsThatHaveNoneOfTheirOwn) {
  const auto answer =
      cluster.ask<IncrementalAlterConfigsResponse>({0}, set_request(broker_resource, "", "message.max.bytes", "10"));
  ASSERT_EQ(answer->responses.at(0).error_code, ErrorCode::none);
  ASSERT_TRUE(cluster.eventually([&] { return value_of("max.message.bytes", cluster.leader(orders)) == "10"; }));

  EXPECT_EQ(cluster.produce(orders, batch_of({"a"}), Acks::all).error_code, ErrorCode::message_too_large);
}

TEST_F(AdminRequests, WhoeverWaitsForReplicationIsToldWhenMoreReplicasAreDemandedThanAreInSync) {
  set("min.insync.replicas", "2");
  const std::vector<BrokerId> followers = cluster.followers(orders);
  cluster.cluster.kill(NodeId::broker(followers[0]));
  ASSERT_TRUE(cluster.eventually([&] { return cluster.isr(orders).size() == 2; }));
  EXPECT_EQ(cluster.produce(orders, batch_of({"a"}), Acks::all).error_code, ErrorCode::none);

  set("min.insync.replicas", "3");

  EXPECT_EQ(cluster.produce(orders, batch_of({"b"}), Acks::all).error_code, ErrorCode::not_enough_replicas);
}

TEST_F(AdminRequests, ToAllowUncleanElectionsElectsWhereNobodyLeads) {
  const BrokerId leader = cluster.leader(orders);
  const std::vector<BrokerId> followers = cluster.followers(orders);
  for (const BrokerId follower : followers) cluster.cluster.kill(NodeId::broker(follower));
  ASSERT_TRUE(cluster.eventually([&] { return cluster.isr(orders).size() == 1; }));
  for (const BrokerId follower : followers) cluster.cluster.restart(NodeId::broker(follower));
  // It dies before they have caught up, as far as the controller knows.
  cluster.cluster.kill(NodeId::broker(leader));
  ASSERT_TRUE(cluster.eventually([&] { return !cluster.leader(orders).known(); }));

  const auto answer = cluster.ask<IncrementalAlterConfigsResponse>(
      followers[0], set_request(topic_resource, "orders", "unclean.leader.election.enable", "true"));

  ASSERT_EQ(answer->responses.at(0).error_code, ErrorCode::none);
  EXPECT_TRUE(cluster.eventually([&] { return cluster.leader(orders).known(); }));
}

// --- CreatePartitions ---

TEST_F(AdminRequests, CreatePartitionsIsServedInEveryVersion) {
  in_all_versions<CreatePartitionsResponse>(
      cluster,
      [](std::int16_t version) {
        CreatePartitionsRequest request;
        request.topics.push_back({"orders", version + 2, std::nullopt});
        return request;
      },
      [](const CreatePartitionsResponse& answer, std::int16_t) {
        EXPECT_EQ(answer.results.at(0).error_code, ErrorCode::none) << answer.results[0].error_message.value_or("");
        EXPECT_EQ(answer.results.at(0).name, "orders");
      });
  ASSERT_TRUE(cluster.eventually([&] { return cluster.leader({"orders", 4}).known(); }));

  cluster.run_for(1s);
  EXPECT_EQ(cluster.produce({"orders", 4}, batch_of({"a"}), Acks::all).error_code, ErrorCode::none);
  EXPECT_EQ(cluster.isr({"orders", 4}).size(), 3U);
}

// --- DeleteTopics ---

TEST_F(AdminRequests, DeleteTopicsIsServedInEveryVersion) {
  in_all_versions<DeleteTopicsResponse>(
      cluster,
      [&](std::int16_t version) {
        const std::string name = "t" + std::to_string(version);
        cluster.create_topic(name, 2, 3);
        DeleteTopicsRequest request;
        if (version < 6) {
          request.topic_names = {name};
        } else {
          request = delete_request(name);
        }
        return request;
      },
      [](const DeleteTopicsResponse& answer, std::int16_t version) {
        EXPECT_EQ(answer.responses.at(0).error_code, ErrorCode::none);
        EXPECT_EQ(answer.responses.at(0).name, "t" + std::to_string(version));
        EXPECT_EQ(answer.responses.at(0).topic_id.is_zero(), version < 6);
      });
  EXPECT_TRUE(cluster.eventually([&] { return topics() == std::vector<std::string>{"orders", "orders", "orders"}; }));
}

TEST_F(AdminRequests, ATopicIsDeletedByItsIdToo) {
  const auto metadata = cluster.ask<MetadataResponse>({0}, MetadataRequest{.topics = {}});
  DeleteTopicsRequest request;
  request.topics.push_back({.name = {}, .topic_id = metadata->topics.at(0).topic_id});
  request.topics.push_back({.name = {}, .topic_id = {{1}}});

  const auto answer = cluster.ask<DeleteTopicsResponse>({2}, request);

  EXPECT_EQ(answer->responses.at(0).error_code, ErrorCode::none);
  EXPECT_EQ(answer->responses.at(0).name, "orders");
  EXPECT_EQ(answer->responses.at(1).error_code, ErrorCode::unknown_topic_id);
  EXPECT_TRUE(cluster.eventually([&] { return topics().empty(); }));
}

TEST_F(AdminRequests, ADeletedTopicIsGoneForEverybodyAndSoAreItsFilesAfterAWhile) {
  cluster.produce(orders, batch_of({"a"}), Acks::all);
  const BrokerId leader = cluster.leader(orders);

  delete_topic("orders");

  const auto produced = cluster.ask<ProduceResponse>(leader, produce_request(orders, batch_of({"b"}), Acks::all));
  EXPECT_EQ(produced->topics.at(0).partitions.at(0).error_code, ErrorCode::unknown_topic_or_partition);
  const auto fetched = cluster.ask<FetchResponse>(leader, fetch_request(orders, 0));
  EXPECT_EQ(fetched->topics.at(0).partitions.at(0).error_code, ErrorCode::unknown_topic_or_partition);
  const auto set_aside = directories(leader, "orders-0");
  ASSERT_THAT(set_aside, SizeIs(1));
  EXPECT_TRUE(set_aside[0].ends_with("-delete")) << set_aside[0];
  EXPECT_TRUE(cluster.eventually([&] { return directories(leader, "orders-0").empty(); }, 10s));
}

TEST_F(AdminRequests, WhoeverWaitsForADeletedTopicIsAnsweredThatItDoesNotExist) {
  const BrokerId leader = cluster.leader(orders);
  for (const BrokerId follower : cluster.followers(orders)) cluster.cluster.kill(NodeId::broker(follower));
  Wire& producer = cluster.connect(leader);
  Wire& consumer = cluster.connect(leader);
  const auto produced = cluster.send_request(producer, produce_request(orders, batch_of({"a"}), Acks::all), 9);
  const auto fetched = cluster.send_request(consumer, fetch_request(orders, 0, 50000), 12);
  cluster.run_for(1s);
  ASSERT_EQ(producer.bytes, 0U);
  ASSERT_EQ(consumer.bytes, 0U);

  const auto deleted = cluster.ask<DeleteTopicsResponse>(leader, delete_request("orders"));
  ASSERT_EQ(deleted->responses.at(0).error_code, ErrorCode::none);

  const auto to_producer = cluster.answer<ProduceResponse>(producer, produced, 9, 5s);
  ASSERT_TRUE(to_producer.has_value());
  EXPECT_EQ(to_producer->topics.at(0).partitions.at(0).error_code, ErrorCode::unknown_topic_or_partition);
  const auto to_consumer = cluster.answer<FetchResponse>(consumer, fetched, 12, 5s);
  ASSERT_TRUE(to_consumer.has_value());
  EXPECT_EQ(to_consumer->topics.at(0).partitions.at(0).error_code, ErrorCode::unknown_topic_or_partition);
}

TEST_F(AdminRequests, ATopicThatIsCreatedAgainHasNoOldRecords) {
  cluster.produce(orders, batch_of({"old"}), Acks::all);
  delete_topic("orders");

  cluster.create_topic("orders", 1, 3);
  cluster.run_for(1s);

  EXPECT_THAT(cluster.read(orders), IsEmpty());
  EXPECT_EQ(cluster.produce(orders, batch_of({"new"}), Acks::all).base_offset, 0);
  EXPECT_THAT(cluster.read(orders), ElementsAre("new"));
}

TEST_F(AdminRequests, ABrokerThatWasDownWhileATopicWasDeletedPutsItsReplicaAside) {
  cluster.produce(orders, batch_of({"old"}), Acks::all);
  const BrokerId away = cluster.followers(orders)[0];
  cluster.cluster.kill(NodeId::broker(away));
  const auto deleted = cluster.ask<DeleteTopicsResponse>(cluster.leader(orders), delete_request("orders"));
  ASSERT_EQ(deleted->responses.at(0).error_code, ErrorCode::none);
  cluster.run_for(20s);

  cluster.cluster.restart(NodeId::broker(away));

  ASSERT_TRUE(cluster.eventually([&] {
    const auto found = directories(away, "orders-0");
    return found.size() == 1 && found[0].ends_with("-stray");
  }));
}

TEST_F(AdminRequests, DeletionThatIsSwitchedOffIsRefused) {
  TestCluster locked(ClusterConfig{.brokers = 1, .set = {{"delete.topic.enable", "false"}}});
  locked.create_topic("orders", 1, 1);

  const auto answer = locked.ask<DeleteTopicsResponse>({0}, delete_request("orders"));

  EXPECT_EQ(answer->responses.at(0).error_code, ErrorCode::topic_deletion_disabled);
}

// --- DeleteRecords ---

DeleteRecordsRequest delete_records_request(std::int64_t offset, std::int32_t timeout_ms = 30000) {
  DeleteRecordsRequest request;
  request.topics.push_back({"orders", {{.partition_index = 0, .offset = offset}}});
  request.timeout_ms = timeout_ms;
  return request;
}

TEST_F(AdminRequests, DeleteRecordsIsServedInEveryVersionAndWaitsForTheFollowers) {
  for (int i = 0; i < 5; ++i) cluster.produce(orders, batch_of({"a"}), Acks::all);
  Wire& wire = cluster.connect(cluster.leader(orders));
  for (std::int16_t version = 0; version <= 2; ++version) {
    const auto answer = cluster.ask<DeleteRecordsResponse>(wire, delete_records_request(version + 1), version);

    ASSERT_TRUE(answer.has_value());
    EXPECT_EQ(answer->topics.at(0).partitions.at(0).error_code, ErrorCode::none);
    EXPECT_EQ(answer->topics[0].partitions[0].low_watermark, version + 1);
  }
  const auto rest = cluster.ask<DeleteRecordsResponse>(wire, delete_records_request(-1));
  EXPECT_EQ(rest->topics.at(0).partitions.at(0).low_watermark, 5);

  const auto fetched = cluster.ask<FetchResponse>(cluster.leader(orders), fetch_request(orders, 4));
  EXPECT_EQ(fetched->topics.at(0).partitions.at(0).error_code, ErrorCode::offset_out_of_range);
  EXPECT_EQ(cluster.produce(orders, batch_of({"b"}), Acks::all).base_offset, 5);
}

TEST_F(AdminRequests, RecordsAreDeletedByTheLeaderAndOnlyWhatIsCommitted) {
  cluster.produce(orders, batch_of({"a"}), Acks::all);
  const auto beyond = cluster.ask<DeleteRecordsResponse>(cluster.leader(orders), delete_records_request(2));
  EXPECT_EQ(beyond->topics.at(0).partitions.at(0).error_code, ErrorCode::offset_out_of_range);
  EXPECT_EQ(beyond->topics[0].partitions[0].low_watermark, -1);
  const auto elsewhere = cluster.ask<DeleteRecordsResponse>(cluster.followers(orders)[0], delete_records_request(1));
  EXPECT_EQ(elsewhere->topics.at(0).partitions.at(0).error_code, ErrorCode::not_leader_or_follower);
  DeleteRecordsRequest nowhere;
  nowhere.topics.push_back({"nowhere", {{.partition_index = 0, .offset = 0}}});
  EXPECT_EQ(cluster.ask<DeleteRecordsResponse>({0}, nowhere)->topics.at(0).partitions.at(0).error_code,
            ErrorCode::unknown_topic_or_partition);

  set("cleanup.policy", "compact");
  const auto compacted = cluster.ask<DeleteRecordsResponse>(cluster.leader(orders), delete_records_request(1));
  EXPECT_EQ(compacted->topics.at(0).partitions.at(0).error_code, ErrorCode::policy_violation);
}

TEST_F(AdminRequests, AFollowerThatDoesNotFollowMakesTheDeletionTimeOutUntilItIsFenced) {
  cluster.produce(orders, batch_of({"a"}), Acks::all);
  const BrokerId leader = cluster.leader(orders);
  cluster.run_for(1s);
  cluster.cluster.kill(NodeId::broker(cluster.followers(orders)[0]));

  const auto late = cluster.ask<DeleteRecordsResponse>(leader, delete_records_request(1, 100));
  EXPECT_EQ(late->topics.at(0).partitions.at(0).error_code, ErrorCode::request_timed_out);
  const auto done = cluster.ask<DeleteRecordsResponse>(leader, delete_records_request(1));
  EXPECT_EQ(done->topics.at(0).partitions.at(0).error_code, ErrorCode::none);
  EXPECT_EQ(done->topics[0].partitions[0].low_watermark, 1);
}

// --- DescribeLogDirs ---

TEST_F(AdminRequests, DescribeLogDirsIsServedInEveryVersion) {
  cluster.produce(orders, batch_of({"a", "b"}), Acks::all);
  const auto batch = static_cast<std::int64_t>(batch_of({"a", "b"}).size());

  in_all_versions<DescribeLogDirsResponse>(
      cluster,
      [](std::int16_t) {
        DescribeLogDirsRequest request;
        request.topics.reset();
        return request;
      },
      [&](const DescribeLogDirsResponse& answer, std::int16_t) {
        ASSERT_THAT(answer.results, SizeIs(1));
        EXPECT_EQ(answer.results[0].error_code, ErrorCode::none);
        const auto& topic = answer.results[0].topics.at(0);
        EXPECT_EQ(topic.name, "orders");
        EXPECT_EQ(topic.partitions.at(0).partition_size, batch);
        EXPECT_EQ(topic.partitions.at(0).offset_lag, 0);
      });
}

TEST_F(AdminRequests, DescribeLogDirsTellsOnlyWhatItIsAskedFor) {
  DescribeLogDirsRequest request;
  request.topics = {{"orders", {1}}, {"nowhere", {0}}};

  EXPECT_THAT(cluster.ask<DescribeLogDirsResponse>({0}, request)->results.at(0).topics, IsEmpty());
}

// --- Planned faults ---

TEST(AdminFaults, EveryAdminRequestCanBeRefused) {
  const ErrorCode code = ErrorCode::request_timed_out;
  ClusterConfig config;
  config.brokers = 1;
  config.request_hook = [code](const RequestSummary& request) {
    const bool of_an_admin = request.api_key >= 20 && request.api_key != 22;
    return of_an_admin ? RequestFault{RequestFault::Kind::answer_error, code, {}} : RequestFault{};
  };
  TestCluster cluster(std::move(config));
  CreatePartitionsRequest partitions;
  partitions.topics.push_back({"orders", 2, std::nullopt});
  AlterConfigsRequest alter;
  alter.resources.push_back({topic_resource, "orders", {}});

  EXPECT_EQ(cluster.ask<DeleteTopicsResponse>({0}, delete_request("orders"))->responses.at(0).error_code, code);
  EXPECT_EQ(cluster.ask<DeleteRecordsResponse>({0}, delete_records_request(0))->topics.at(0).partitions.at(0).error_code, code);
  EXPECT_EQ(cluster.ask<CreatePartitionsResponse>({0}, partitions)->results.at(0).error_code, code);
  EXPECT_EQ(cluster.ask<DescribeConfigsResponse>({0}, describe_request(topic_resource, "orders"))->results.at(0).error_code,
            code);
  EXPECT_EQ(cluster.ask<AlterConfigsResponse>({0}, alter)->responses.at(0).error_code, code);
  EXPECT_EQ(cluster.ask<IncrementalAlterConfigsResponse>({0}, set_request(topic_resource, "orders", "flush.ms", "1"))
                ->responses.at(0)
                .error_code,
            code);
  EXPECT_EQ(cluster.ask<DescribeLogDirsResponse>({0}, DescribeLogDirsRequest{})->error_code, code);
}

}  // namespace
}  // namespace acklab::broker
