// DeleteTopics and CreatePartitions, as the controller judges them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <vector>

#include "broker/controller/create_partitions.h"
#include "broker/controller/delete_topics.h"
#include "tests/broker/controller_fixtures.h"

namespace acklab::broker {
namespace {

using protocol::CreatePartitionsRequest;
using protocol::DeleteTopicsRequest;
using protocol::ErrorCode;
using testing::ElementsAre;

class TopicChanges : public testing::Test {
 protected:
  TopicChanges() {
    image.apply(topic_record("orders", uuid(9), {}));
    image.apply(partition_record(uuid(9), 0, partition({0, 1}, 1, 0, 0, {1, 0})));
    image.apply(topic_record("others", uuid(10), {}));
    image.apply(partition_record(uuid(10), 0, partition({0}, 0, 0, 0, {0})));
  }

  Decide decide() {
    return [this](const MetadataRecord& record) { image.apply(record); };
  }
  std::vector<ErrorCode> remove(std::vector<DeleteTopicsRequest::Topic> topics) {
    std::vector<ErrorCode> codes;
    for (const auto& said : delete_topics({.topics = std::move(topics), .topic_names = {}}, image, config, decide()).responses) {
      codes.push_back(said.error_code);
    }
    return codes;
  }
  using Assignments = std::optional<std::vector<CreatePartitionsRequest::Assignment>>;
  ErrorCode grow(const std::string& name, std::int32_t count, Assignments assignments = {}) {
    CreatePartitionsRequest request;
    request.topics.push_back({name, count, std::move(assignments)});
    return create_partitions(request, image, decide()).results.at(0).error_code;
  }

  MetadataImage image = image_of(3);
  BrokerConfig config;
};

TEST_F(TopicChanges, ATopicIsRemovedByNameOrById) {
  EXPECT_THAT(remove({{.name = "orders", .topic_id = {}}, {.name = {}, .topic_id = uuid(10)}}),
              ElementsAre(ErrorCode::none, ErrorCode::none));
  EXPECT_TRUE(image.topics.empty());
  EXPECT_TRUE(image.topic_names.empty());
}

TEST_F(TopicChanges, ATopicThatIsNamedTwiceOrWronglyStays) {
  EXPECT_THAT(remove({{.name = "orders", .topic_id = {}}, {.name = {}, .topic_id = uuid(9)}, {.name = "others", .topic_id = {}}}),
              ElementsAre(ErrorCode::invalid_request, ErrorCode::invalid_request, ErrorCode::none));
  EXPECT_THAT(remove({{.name = "nowhere", .topic_id = {}},
                      {.name = {}, .topic_id = uuid(77)},
                      {.name = {}, .topic_id = {}},
                      {.name = "orders", .topic_id = uuid(9)}}),
              ElementsAre(ErrorCode::unknown_topic_or_partition, ErrorCode::unknown_topic_id, ErrorCode::invalid_request,
                          ErrorCode::invalid_request));
  EXPECT_NE(image.find_topic("orders"), nullptr);
}

TEST_F(TopicChanges, NewPartitionsGoOnWithThePatternOfTheOldOnes) {
  EXPECT_EQ(grow("orders", 4), ErrorCode::none);

  ASSERT_EQ(image.find_topic("orders")->partitions.size(), 4U);
  EXPECT_EQ(image.find({"orders", 1})->replicas, brokers({2, 0}));
  EXPECT_EQ(image.find({"orders", 2})->replicas, brokers({0, 1}));
  EXPECT_EQ(image.find({"orders", 1})->leader, BrokerId{2});
}

TEST_F(TopicChanges, NewPartitionsStandWhereTheyAreAskedTo) {
  EXPECT_EQ(grow("orders", 2, {{{{2, 1}}}}), ErrorCode::none);

  EXPECT_EQ(image.find({"orders", 1})->replicas, brokers({2, 1}));
}

TEST_F(TopicChanges, ACountOrAnAssignmentThatDoesNotFitIsRefused) {
  EXPECT_EQ(grow("nowhere", 2), ErrorCode::unknown_topic_or_partition);
  EXPECT_EQ(grow("orders", 1), ErrorCode::invalid_partitions);
  EXPECT_EQ(grow("orders", 0), ErrorCode::invalid_partitions);
  EXPECT_EQ(grow("orders", max_partitions_per_topic + 1), ErrorCode::invalid_partitions);
  EXPECT_EQ(grow("orders", 2, {{{{2, 1}}, {{0, 1}}}}), ErrorCode::invalid_replica_assignment);
  EXPECT_EQ(grow("orders", 2, {{{{2}}}}), ErrorCode::invalid_replica_assignment);
  EXPECT_EQ(grow("orders", 2, {{{{2, 7}}}}), ErrorCode::invalid_replica_assignment);
  fence(image, 0);
  fence(image, 2);
  EXPECT_EQ(grow("orders", 2), ErrorCode::invalid_replication_factor);
  EXPECT_EQ(grow("orders", 2, {{{{2, 0}}}}), ErrorCode::invalid_replica_assignment);

  EXPECT_EQ(image.find_topic("orders")->partitions.size(), 1U);
}

TEST_F(TopicChanges, ToValidateOnlyCreatesNoPartition) {
  CreatePartitionsRequest request;
  request.topics.push_back({"orders", 2, std::nullopt});
  request.validate_only = true;

  EXPECT_EQ(create_partitions(request, image, decide()).results.at(0).error_code, ErrorCode::none);
  EXPECT_EQ(image.find_topic("orders")->partitions.size(), 1U);
}

}  // namespace
}  // namespace acklab::broker
