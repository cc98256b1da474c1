// Old and new side by side: a question that is asked in every version of its API is answered alike in all fields that two versions
// share. And who asks in a version beyond them, or what is not served at all, is refused as Kafka refuses.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

#include "broker/dispatch.h"
#include "protocol/messages/alter_configs.h"
#include "protocol/messages/api_versions.h"
#include "protocol/messages/create_partitions.h"
#include "protocol/messages/delete_records.h"
#include "protocol/messages/delete_topics.h"
#include "protocol/messages/describe_configs.h"
#include "protocol/messages/describe_log_dirs.h"
#include "protocol/messages/elect_leaders.h"
#include "protocol/messages/find_coordinator.h"
#include "protocol/messages/incremental_alter_configs.h"
#include "protocol/messages/init_producer_id.h"
#include "protocol/messages/offset_for_leader_epoch.h"
#include "protocol/messages/registry.h"
#include "protocol/study/dissect_message.h"
#include "protocol/study/generate.h"
#include "tests/broker/requests_fixture.h"

namespace acklab::broker {
namespace {

using protocol::Acks;
using protocol::Api;
using protocol::Bytes;
using protocol::ErrorCode;
using protocol::Part;
using protocol::Slice;
using protocol::TopicPartition;

constexpr std::int8_t topic_resource = 2;
const TopicPartition orders{"orders", 0};

struct Question {
  std::string what;
  std::int16_t key = 0;
  std::function<Bytes(TestCluster&, std::int16_t version)> body;
  std::vector<std::int16_t> answered_otherwise_since;  // versions that meant to change the answer
};

template <class Make>
Question question(std::string what, Make make, std::vector<std::int16_t> answered_otherwise_since = {}) {
  using Request = std::invoke_result_t<Make, TestCluster&, std::int16_t>;
  return {std::move(what), Request::info.api_key,
          [make](TestCluster& cluster, std::int16_t version) { return encode(make(cluster, version), version); },
          std::move(answered_otherwise_since)};
}

// --- The questions ---

protocol::ProduceRequest produce(TestCluster& cluster, const std::string& topic, std::int16_t acks) {
  auto request = produce_request({topic, 0}, batch_of({"b"}), Acks::all);
  request.acks = acks;
  request.topics[0].topic_id = cluster.topic_id(topic);
  return request;
}

protocol::FetchRequest fetch(TestCluster& cluster, const std::string& topic, std::int64_t offset) {
  auto request = fetch_request({topic, 0}, offset);
  request.topics[0].topic_id = cluster.topic_id(topic);
  return request;
}

protocol::ListOffsetsRequest list_offsets(const std::string& topic, std::int64_t timestamp) {
  protocol::ListOffsetsRequest request;
  request.replica_id = -1;
  request.topics.push_back({topic, {{.partition_index = 0, .timestamp = timestamp}}});
  return request;
}

protocol::MetadataRequest metadata(const std::string& topic) {
  protocol::MetadataRequest request;
  request.topics = std::vector<protocol::MetadataRequest::Topic>{{.topic_id = {}, .name = topic}};
  return request;
}

protocol::CreateTopicsRequest create(const std::string& topic) {
  protocol::CreateTopicsRequest request;
  request.topics.push_back({.name = topic, .num_partitions = 2, .replication_factor = 1, .assignments = {}, .configs = {}});
  return request;
}

protocol::DeleteTopicsRequest remove(const std::string& topic) {
  protocol::DeleteTopicsRequest request;
  request.topics.push_back({.name = topic, .topic_id = {}});
  request.topic_names = {topic};
  return request;
}

protocol::DeleteRecordsRequest delete_records(const std::string& topic, std::int64_t offset) {
  protocol::DeleteRecordsRequest request;
  request.timeout_ms = 1000;
  request.topics.push_back({topic, {{.partition_index = 0, .offset = offset}}});
  return request;
}

protocol::OffsetForLeaderEpochRequest end_of_epoch(const std::string& topic, std::int32_t epoch) {
  protocol::OffsetForLeaderEpochRequest request;
  request.topics.push_back({topic, {{.partition = 0, .leader_epoch = epoch}}});
  return request;
}

protocol::DescribeConfigsRequest describe_config(const std::string& topic) {
  protocol::DescribeConfigsRequest request;
  request.resources.push_back({topic_resource, topic, std::vector<std::string>{"retention.ms", "cleanup.policy"}});
  return request;
}

protocol::AlterConfigsRequest alter_config(const std::string& topic, const std::string& value) {
  protocol::AlterConfigsRequest request;
  request.resources.push_back({topic_resource, topic, {{"retention.ms", value}}});
  return request;
}

protocol::IncrementalAlterConfigsRequest set_config(const std::string& topic, const std::string& value) {
  protocol::IncrementalAlterConfigsRequest request;
  request.resources.push_back({topic_resource, topic, {{"retention.ms", 0, value}}});
  return request;
}

protocol::DescribeLogDirsRequest describe_log_dirs() {
  protocol::DescribeLogDirsRequest request;
  request.topics = std::vector<protocol::DescribeLogDirsRequest::Topic>{{"orders", {0}}};
  return request;
}

protocol::CreatePartitionsRequest grow(const std::string& topic, std::int32_t count) {
  protocol::CreatePartitionsRequest request;
  request.topics.push_back({topic, count, std::nullopt});
  return request;
}

protocol::ElectLeadersRequest elect(const std::string& topic) {
  protocol::ElectLeadersRequest request;
  request.topic_partitions = std::vector<protocol::ElectLeadersRequest::Topic>{{topic, {0}}};
  return request;
}

std::vector<Question> questions() {
  using C = TestCluster;
  using V = std::int16_t;
  return {
      // A batch is taken in every version. An id that is not known is another error than such a name.
      question("append", [](C& c, V) { return produce(c, "orders", -1); }),
      question("append to a topic that is not there", [](C& c, V) { return produce(c, "nowhere", 1); }, {13}),
      question("append with acks that are none", [](C& c, V) { return produce(c, "orders", 7); }),
      // Before version 4 it answers with message sets.
      question("read", [](C& c, V) { return fetch(c, "orders", 0); }, {2, 4}),
      question("read from the end on", [](C& c, V) { return fetch(c, "orders", 1); }),
      question("read behind the end", [](C& c, V) { return fetch(c, "orders", 99); }),
      question("read what is not there", [](C& c, V) { return fetch(c, "nowhere", 0); }, {13}),
      question("the end", [](C&, V) { return list_offsets("orders", -1); }),
      question("the beginning", [](C&, V) { return list_offsets("orders", -2); }),
      question("the first since a time", [](C&, V) { return list_offsets("orders", 500); }),
      question("the end of what is not there", [](C&, V) { return list_offsets("nowhere", -1); }),
      question("a topic", [](C&, V) { return metadata("orders"); }),
      question("a topic whose name is none", [](C&, V) { return metadata("no/where"); }),
      question("all topics",
               [](C&, V version) {
                 protocol::MetadataRequest request;
                 if (version > 0) request.topics.reset();
                 return request;
               }),
      question("a coordinator", [](C&, V) { return protocol::FindCoordinatorRequest{.key = "group"}; }),
      // The newest version tells of features that are at level 0.
      question("what is served",
               [](C&, V) { return protocol::ApiVersionsRequest{.client_software_name = "raw", .client_software_version = "1"}; }),
      question("a new topic", [](C&, V) { return create("new"); }),
      question("a topic that is there already", [](C&, V) { return create("orders"); }),
      question("no topic any more", [](C&, V) { return remove("orders"); }),
      question("no topic, where there is none", [](C&, V) { return remove("nowhere"); }),
      question("no records any more", [](C&, V) { return delete_records("orders", 1); }),
      question("no records, more than there are", [](C&, V) { return delete_records("orders", 5); }),
      question("an identity", [](C&, V) { return protocol::InitProducerIdRequest{.transactional_id = {}}; }),
      question("an identity for transactions", [](C&, V) { return protocol::InitProducerIdRequest{.transactional_id = "t"}; }),
      question("the end of an epoch", [](C&, V) { return end_of_epoch("orders", 0); }),
      question("the end of an epoch that is to come", [](C&, V) { return end_of_epoch("orders", 7); }),
      question("configs", [](C&, V) { return describe_config("orders"); }),
      question("configs of what is not there", [](C&, V) { return describe_config("nowhere"); }),
      question("other configs", [](C&, V) { return alter_config("orders", "1000"); }),
      question("configs that cannot be", [](C&, V) { return alter_config("orders", "soon"); }),
      question("one other config", [](C&, V) { return set_config("orders", "1000"); }),
      question("one config that cannot be", [](C&, V) { return set_config("orders", "soon"); }),
      question("sizes of logs", [](C&, V) { return describe_log_dirs(); }),
      question("more partitions", [](C&, V) { return grow("orders", 3); }),
      question("fewer partitions", [](C&, V) { return grow("orders", 0); }),
      question("another leader", [](C&, V) { return elect("orders"); }),
      question("a leader of what is not there", [](C&, V) { return elect("nowhere"); }),
  };
}

// --- The answers ---

// Path of a field to what it says; fields that travel as tagged ones stand where their structure is.
using Answer = std::map<std::string, std::string>;

void put(const std::vector<Part>& parts, const std::string& path, Answer& answer) {
  for (const Part& part : parts) {
    const bool is_wrapping = part.name == "tagged fields" || part.name.starts_with("tag ");
    const std::string here = is_wrapping ? path : path + "." + part.name;
    if (!is_wrapping) answer[here] = part.value;
    put(part.parts, here, answer);
  }
}

Answer ask(const Question& question, std::int16_t version) {
  TestCluster cluster(ClusterConfig{.brokers = 1});  // the same for every version
  cluster.create_topic("orders", 1, 1);
  cluster.produce(orders, batch_of({"a"}), Acks::all);
  Wire& wire = cluster.connect({0});
  const protocol::MessageInfo& info = protocol::find_api(question.key)->response.info;
  cluster.send(wire, frame_of(question.key, version, info.flexible(version), question.body(cluster, version)));
  const auto frame = cluster.next_frame(wire);
  EXPECT_TRUE(frame.has_value()) << question.what << " is not answered in version " << version;
  if (!frame) return {};
  const auto response = protocol::parse_response(*frame, question.key, info.flexible(version));
  EXPECT_TRUE(response.has_value());
  const auto parts = dissect_message(protocol::find_api(question.key)->response, version, response->body);
  EXPECT_FALSE(first_fault(parts).has_value());
  Answer answer;
  put(parts, "", answer);
  return answer;
}

// Of the fields that both have, those that differ.
std::vector<std::string> differences(const Answer& older, const Answer& newer) {
  std::vector<std::string> differences;
  for (const auto& [field, value] : older) {
    const auto other = newer.find(field);
    if (other != newer.end() && other->second != value) {
      differences.push_back(field + ": " + value + ", later " + other->second);
    }
  }
  return differences;
}

const ServedApi& served(std::int16_t key) { return *std::ranges::find(served_apis(), key, &ServedApi::key); }

TEST(SideBySide, AQuestionIsAnsweredAlikeInEveryVersion) {
  for (const Question& question : questions()) {
    const ServedApi& api = served(question.key);
    std::optional<Answer> newer;
    for (std::int16_t version = api.last_version; version >= api.first_version; --version) {
      Answer answer = ask(question, version);
      if (newer) {
        EXPECT_THAT(differences(answer, *newer), testing::IsEmpty())
            << protocol::find_api(api.key)->name << ", " << question.what << ": version " << version << " and the next";
      }
      newer = std::move(answer);
      const auto& turns = question.answered_otherwise_since;
      if (std::ranges::find(turns, version) != turns.end()) newer.reset();
    }
  }
}

TEST(SideBySide, ThereIsAQuestionForEveryApi) {
  std::set<std::int16_t> asked;
  for (const Question& question : questions()) asked.insert(question.key);

  for (const ServedApi& api : served_apis()) EXPECT_TRUE(asked.contains(api.key)) << protocol::find_api(api.key)->name;
}

// --- Beyond ---

// What comes back for a request in a version that is not served: nothing, and the connection closes.
void expect_closed(TestCluster& cluster, std::int16_t key, int version, const Slice& body) {
  Wire& wire = cluster.connect({0});
  cluster.send(wire, frame_of(key, version, protocol::flexible(key, static_cast<std::int16_t>(version)), Bytes(body)));
  EXPECT_TRUE(cluster.closes(wire)) << protocol::find_api(key)->name << " version " << version;
  EXPECT_EQ(wire.bytes, 0U);
}

TEST(SideBySide, AVersionBelowOrAboveIsRefusedWithoutAWord) {
  TestCluster cluster(ClusterConfig{.brokers = 1});
  for (const ServedApi& api : served_apis()) {
    if (api.key == protocol::ApiVersionsRequest::info.api_key) continue;
    for (const int version : {api.first_version - 1, api.last_version + 1}) expect_closed(cluster, api.key, version, {});
  }
}

TEST(SideBySide, ApiVersionsAnswersAnyOtherVersionInItsOldestShape) {
  TestCluster cluster(ClusterConfig{.brokers = 1});
  const std::int16_t key = protocol::ApiVersionsRequest::info.api_key;
  for (const int version : {served(key).first_version - 1, served(key).last_version + 1}) {
    Wire& wire = cluster.connect({0});
    cluster.send(wire, frame_of(key, version, version > 0));

    const auto answer = cluster.answer<protocol::ApiVersionsResponse>(wire, 1, 0);

    ASSERT_TRUE(answer.has_value()) << "version " << version;
    EXPECT_EQ(answer->error_code, ErrorCode::unsupported_version);
    ASSERT_EQ(answer->api_keys.size(), 1U);
    EXPECT_EQ(answer->api_keys[0].api_key, key);
    EXPECT_EQ(answer->api_keys[0].max_version, served(key).last_version);
  }
}

TEST(SideBySide, WhatIsDeclaredAndNotServedIsNeitherAdvertisedNorAnswered) {
  TestCluster cluster(ClusterConfig{.brokers = 1});
  const auto advertised = cluster.ask<protocol::ApiVersionsResponse>({0}, protocol::ApiVersionsRequest{}, 2);
  ASSERT_TRUE(advertised.has_value());
  std::set<std::int16_t> keys;
  for (const auto& api : advertised->api_keys) keys.insert(api.api_key);

  int not_served = 0;
  for (const Api& api : protocol::apis()) {
    const bool is_served = std::ranges::find(served_apis(), api.key, &ServedApi::key) != served_apis().end();
    EXPECT_EQ(keys.contains(api.key), is_served) << api.name;
    if (is_served) {
      EXPECT_FALSE(api.internal) << api.name;
      continue;
    }
    ++not_served;
    auto random = protocol::Random::stream(1, api.name, 0);
    for (const std::int16_t version : {api.request.info.first_version, api.request.info.last_version}) {
      expect_closed(cluster, api.key, version, generate(api.request, version, random));
    }
  }
  EXPECT_GT(not_served, 20);
}

}  // namespace
}  // namespace acklab::broker
