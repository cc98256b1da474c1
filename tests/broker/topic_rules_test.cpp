#include "broker/controller/topic_rules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "tests/broker/controller_fixtures.h"

namespace acklab::broker {
namespace {

using protocol::CreateTopicsRequest;
using protocol::ErrorCode;
using testing::HasSubstr;

CreateTopicsRequest::Topic wanted(std::string name, int partitions = 1, int replicas = 1) {
  CreateTopicsRequest::Topic topic;
  topic.name = std::move(name);
  topic.num_partitions = partitions;
  topic.replication_factor = static_cast<std::int16_t>(replicas);
  return topic;
}

TEST(TopicRules, NamesOfKafkasAlphabetAreAccepted) {
  for (const std::string& name : {std::string("orders"), std::string("a"), std::string("A.b_c-9"), std::string("..."),
                                  std::string("__consumer_offsets"), std::string(249, 'x')}) {
    EXPECT_TRUE(check_topic_name(name).has_value()) << name;
  }
}

TEST(TopicRules, OtherNamesAreNot) {
  for (const std::string& name :
       {std::string(), std::string("."), std::string(".."), std::string(250, 'x'), std::string("a b"), std::string("a/b"),
        std::string("b\xc3\xbc"
                    "cher"),
        std::string("a\0b", 3), std::string("a:b")}) {
    EXPECT_FALSE(check_topic_name(name).has_value()) << name;
    EXPECT_EQ(plan_topic(wanted(name), image_of(3), {}).error().code, ErrorCode::invalid_topic_exception) << name;
  }
}

TEST(TopicRules, ATopicOfAFreshClusterIsLedByTheFirstBroker) {
  const auto topic = plan_topic(wanted("orders", 2, 3), image_of(3), {});

  ASSERT_TRUE(topic.has_value()) << topic.error().message;
  ASSERT_EQ(topic->partitions.size(), 2U);
  EXPECT_EQ(topic->partitions[0], partition({0, 1, 2}, 0, 0, 0, {0, 1, 2}));
  EXPECT_EQ(topic->partitions[1], partition({0, 1, 2}, 1, 0, 0, {1, 2, 0}));
}

TEST(TopicRules, TheNextTopicStartsOneBrokerFurther) {
  MetadataImage image = image_of(3);
  image.apply(topic_record("first", uuid(50), {}));

  EXPECT_EQ(plan_topic(wanted("second", 1, 2), image, {})->partitions[0].replicas, brokers({1, 2}));
}

TEST(TopicRules, MinusOneMeansTheBrokersDefaults) {
  BrokerConfig defaults;
  defaults.num_partitions = 4;
  defaults.default_replication_factor = 2;

  const auto topic = plan_topic(wanted("orders", -1, -1), image_of(3), defaults);

  ASSERT_TRUE(topic.has_value());
  EXPECT_EQ(topic->partitions.size(), 4U);
  EXPECT_EQ(topic->partitions[0].replicas.size(), 2U);
}

TEST(TopicRules, ReplicasAreOnlyPlacedOnUsableBrokers) {
  MetadataImage image = image_of(3);
  fence(image, 0);

  EXPECT_EQ(plan_topic(wanted("orders", 1, 2), image, {})->partitions[0].replicas, brokers({1, 2}));
  EXPECT_EQ(plan_topic(wanted("orders", 1, 3), image, {}).error().code, ErrorCode::invalid_replication_factor);
}

TEST(TopicRules, CountsThatCannotBeAreRefused) {
  struct Case {
    int partitions;
    int replicas;
    ErrorCode code;
  };
  const std::vector<Case> cases = {
      {0, 1, ErrorCode::invalid_partitions},          {-2, 1, ErrorCode::invalid_partitions},
      {10001, 1, ErrorCode::invalid_partitions},      {1, 0, ErrorCode::invalid_replication_factor},
      {1, -2, ErrorCode::invalid_replication_factor}, {1, 4, ErrorCode::invalid_replication_factor},
  };
  for (const Case& c : cases) {
    const auto topic = plan_topic(wanted("orders", c.partitions, c.replicas), image_of(3), {});
    ASSERT_FALSE(topic.has_value());
    EXPECT_EQ(topic.error().code, c.code) << c.partitions << " " << c.replicas;
  }
}

TEST(TopicRules, AnExistingOrCollidingNameIsRefused) {
  MetadataImage image = image_of(3);
  image.apply(topic_record("a.b", uuid(50), {}));

  EXPECT_EQ(plan_topic(wanted("a.b"), image, {}).error().code, ErrorCode::topic_already_exists);
  EXPECT_EQ(plan_topic(wanted("a_b"), image, {}).error().code, ErrorCode::invalid_topic_exception);
  EXPECT_THAT(plan_topic(wanted("a_b"), image, {}).error().message, HasSubstr("collides with existing topic: a.b"));
  EXPECT_TRUE(plan_topic(wanted("a-b"), image, {}).has_value());
}

TEST(TopicRules, AManualAssignmentIsObeyed) {
  CreateTopicsRequest::Topic manual = wanted("orders", -1, -1);
  manual.assignments = {{1, {0, 2}}, {0, {2, 1}}};
  MetadataImage image = image_of(3);
  fence(image, 2);

  const auto topic = plan_topic(manual, image, {});

  ASSERT_TRUE(topic.has_value()) << topic.error().message;
  EXPECT_EQ(topic->partitions[0], partition({1}, 1, 0, 0, {2, 1}));
  EXPECT_EQ(topic->partitions[1], partition({0}, 0, 0, 0, {0, 2}));
}

TEST(TopicRules, AManualAssignmentThatContradictsIsRefused) {
  CreateTopicsRequest::Topic with_counts = wanted("orders", 1, -1);
  with_counts.assignments = {{0, {0}}};
  CreateTopicsRequest::Topic with_gap = wanted("orders", -1, -1);
  with_gap.assignments = {{1, {0}}};
  CreateTopicsRequest::Topic fenced = wanted("orders", -1, -1);
  fenced.assignments = {{0, {2}}};
  MetadataImage image = image_of(3);
  fence(image, 2);

  EXPECT_EQ(plan_topic(with_counts, image, {}).error().code, ErrorCode::invalid_request);
  EXPECT_EQ(plan_topic(with_gap, image, {}).error().code, ErrorCode::invalid_replica_assignment);
  EXPECT_EQ(plan_topic(fenced, image, {}).error().code, ErrorCode::invalid_replica_assignment);
}

TEST(TopicRules, ConfigurationIsCheckedAndKept) {
  CreateTopicsRequest::Topic good = wanted("orders");
  good.configs = {{"min.insync.replicas", "2"}};
  CreateTopicsRequest::Topic unknown = wanted("orders");
  unknown.configs = {{"min.insync.replica", "2"}};
  CreateTopicsRequest::Topic bad = wanted("orders");
  bad.configs = {{"min.insync.replicas", "0"}};
  CreateTopicsRequest::Topic null = wanted("orders");
  null.configs = {{"min.insync.replicas", std::nullopt}};

  const auto topic = plan_topic(good, image_of(3), {});

  ASSERT_TRUE(topic.has_value());
  EXPECT_EQ(topic->settings, (Settings{{"min.insync.replicas", "2"}}));
  for (const auto& refused : {unknown, bad, null}) {
    EXPECT_EQ(plan_topic(refused, image_of(3), {}).error().code, ErrorCode::invalid_config);
  }
}

TEST(TopicRules, ThereAreOnlySoManyTopics) {
  MetadataImage image = image_of(1);
  for (std::size_t i = 0; i < max_topics; ++i) image.topics["t" + std::to_string(i)];

  EXPECT_EQ(plan_topic(wanted("one-more"), image, {}).error().code, ErrorCode::policy_violation);
  EXPECT_EQ(plan_topic(wanted("t7"), image, {}).error().code, ErrorCode::topic_already_exists);
}

TEST(TopicRules, ARepeatedNameIsFoundWhereverItStands) {
  CreateTopicsRequest request;
  request.topics = {wanted("a"), wanted("b"), wanted("a"), wanted("c"), wanted("a")};

  EXPECT_THAT(repeated_names(request), testing::ElementsAre("a"));
}

TEST(TopicRules, TheEffectiveConfigurationSaysWhereAValueComesFrom) {
  BrokerConfig defaults;
  ASSERT_TRUE(defaults.set("message.max.bytes", "5000").has_value());

  const auto entries = effective_config({{"min.insync.replicas", "2"}}, {{}, {}, defaults, defaults});

  const auto entry = [&](std::string_view name) {
    return *std::find_if(entries.begin(), entries.end(), [&](const auto& each) { return each.name == name; });
  };
  EXPECT_EQ(entry("max.message.bytes").value, "5000");
  EXPECT_EQ(entry("max.message.bytes").config_source, 4);
  EXPECT_EQ(entry("min.insync.replicas").value, "2");
  EXPECT_EQ(entry("min.insync.replicas").config_source, 1);
  EXPECT_EQ(entry("segment.bytes").value, "1073741824");
  EXPECT_EQ(entry("segment.bytes").config_source, 5);
  EXPECT_EQ(entry("unclean.leader.election.enable").value, "false");
}

}  // namespace
}  // namespace acklab::broker
