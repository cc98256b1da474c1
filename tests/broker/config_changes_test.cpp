#include "broker/controller/config_changes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

#include "tests/broker/controller_fixtures.h"

namespace acklab::broker {
namespace {

using protocol::AlterConfigsRequest;
using protocol::ErrorCode;
using protocol::IncrementalAlterConfigsRequest;

constexpr auto a_topic = static_cast<std::int8_t>(ConfigResource::topic);
constexpr auto a_broker = static_cast<std::int8_t>(ConfigResource::broker);

// Three brokers, a topic with something of its own.
class ConfigChanges : public testing::Test {
 protected:
  ConfigChanges() { image.apply(topic_record("orders", uuid(9), {{"min.insync.replicas", "2"}, {"cleanup.policy", "compact"}})); }

  Decide decide() {
    return [this](const MetadataRecord& record) {
      image.apply(record);
      ++decisions;
    };
  }
  const Settings& settings() const { return image.find_topic("orders")->settings; }

  // One change of one resource.
  ErrorCode change(std::int8_t type, const std::string& name, const std::string& key, AlterOperation operation,
                   std::optional<std::string> value = {}) {
    IncrementalAlterConfigsRequest request;
    request.resources.push_back({type, name, {{key, static_cast<std::int8_t>(operation), std::move(value)}}});
    const auto answer = alter_configs(request, image, config, decide());
    message = answer.responses.at(0).error_message;
    return answer.responses.at(0).error_code;
  }
  ErrorCode change(const std::string& key, AlterOperation operation, std::optional<std::string> value = {}) {
    return change(a_topic, "orders", key, operation, std::move(value));
  }

  MetadataImage image = image_of(3);
  BrokerConfig config;
  int decisions = 0;
  std::optional<std::string> message;
};

TEST_F(ConfigChanges, AKeyIsSetAndTakenBackAndTheOthersStay) {
  EXPECT_EQ(change("retention.ms", AlterOperation::set, " 1000 "), ErrorCode::none);
  EXPECT_EQ(settings(), (Settings{{"min.insync.replicas", "2"}, {"cleanup.policy", "compact"}, {"retention.ms", "1000"}}));

  EXPECT_EQ(change("min.insync.replicas", AlterOperation::remove), ErrorCode::none);
  EXPECT_EQ(settings(), (Settings{{"cleanup.policy", "compact"}, {"retention.ms", "1000"}}));
}

TEST_F(ConfigChanges, ListsGrowAndShrinkFromWhatIsInForce) {
  EXPECT_EQ(change("cleanup.policy", AlterOperation::append, "delete,compact"), ErrorCode::none);
  EXPECT_EQ(settings().at("cleanup.policy"), "compact,delete");
  EXPECT_EQ(change("cleanup.policy", AlterOperation::subtract, "compact"), ErrorCode::none);
  EXPECT_EQ(settings().at("cleanup.policy"), "delete");

  EXPECT_EQ(change(a_broker, "", "log.cleanup.policy", AlterOperation::append, "compact"), ErrorCode::none);
  EXPECT_EQ(image.settings_of(every_broker).at("log.cleanup.policy"), "delete,compact");

  EXPECT_EQ(change("retention.ms", AlterOperation::append, "1"), ErrorCode::invalid_config);
  EXPECT_EQ(*message, "Can't APPEND to key retention.ms because its type is not LIST.");
  EXPECT_EQ(change("cleanup.policy", AlterOperation::subtract, "delete"), ErrorCode::invalid_config) << "nothing would be left";
}

TEST_F(ConfigChanges, AlterConfigsTakesBackWhatItDoesNotName) {
  AlterConfigsRequest request;
  request.resources.push_back({a_topic, "orders", {{"flush.messages", "5"}}});

  const auto answer = alter_configs(request, image, config, decide());

  EXPECT_EQ(answer.responses.at(0).error_code, ErrorCode::none);
  EXPECT_EQ(settings(), (Settings{{"flush.messages", "5"}}));
}

TEST_F(ConfigChanges, BrokersTakeWhatABrokerTakesWhileItRuns) {
  EXPECT_EQ(change(a_broker, "1", "log.retention.ms", AlterOperation::set, "5"), ErrorCode::none);
  EXPECT_EQ(change(a_broker, "", "message.max.bytes", AlterOperation::set, "6"), ErrorCode::none);
  EXPECT_EQ(image.settings_of({1}), (Settings{{"log.retention.ms", "5"}}));
  EXPECT_EQ(image.settings_of(every_broker), (Settings{{"message.max.bytes", "6"}}));

  EXPECT_EQ(change(a_broker, "1", "num.partitions", AlterOperation::set, "5"), ErrorCode::invalid_config);
  EXPECT_EQ(change(a_broker, "1", "log.retention.hours", AlterOperation::set, "5"), ErrorCode::invalid_config);
  EXPECT_EQ(change(a_broker, "1", "retention.ms", AlterOperation::set, "5"), ErrorCode::invalid_config) << "a topic's key";
  EXPECT_EQ(change(a_broker, "7", "message.max.bytes", AlterOperation::set, "6"), ErrorCode::broker_id_not_registered);
  EXPECT_EQ(change(a_broker, "one", "message.max.bytes", AlterOperation::set, "6"), ErrorCode::invalid_request);
}

TEST_F(ConfigChanges, WhatCannotBeIsRefusedWithKafkasCodesAndChangesNothing) {
  EXPECT_EQ(change("retention.m", AlterOperation::set, "5"), ErrorCode::invalid_config);
  EXPECT_EQ(*message, "unknown key \"retention.m\": did you mean \"retention.ms\"?");
  EXPECT_EQ(change("retention.ms", AlterOperation::set, "soon"), ErrorCode::invalid_config);
  EXPECT_EQ(change("retention.ms", AlterOperation::set), ErrorCode::invalid_request);
  EXPECT_EQ(change("retention.ms", AlterOperation{9}, "1"), ErrorCode::invalid_request);
  EXPECT_EQ(change(a_topic, "nowhere", "retention.ms", AlterOperation::set, "5"), ErrorCode::unknown_topic_or_partition);
  EXPECT_EQ(change(std::int8_t{8}, "x", "retention.ms", AlterOperation::set, "5"), ErrorCode::invalid_request);
  EXPECT_EQ(change("min.compaction.lag.ms", AlterOperation::set, "9223372036854775807"), ErrorCode::none)
      << "as large as the other";
  EXPECT_EQ(change("max.compaction.lag.ms", AlterOperation::set, "1"), ErrorCode::invalid_config);

  EXPECT_EQ(decisions, 1);
}

TEST_F(ConfigChanges, ResourcesAndKeysAreNamedOnce) {
  IncrementalAlterConfigsRequest request;
  request.resources.push_back({a_topic, "orders", {{"retention.ms", 0, "1"}}});
  request.resources.push_back({a_topic, "orders", {{"flush.messages", 0, "1"}}});
  request.resources.push_back({a_broker, "1", {{"log.retention.ms", 0, "1"}, {"log.retention.ms", 1, {}}}});

  for (const auto& said : alter_configs(request, image, config, decide()).responses) {
    EXPECT_EQ(said.error_code, ErrorCode::invalid_request);
  }
  EXPECT_EQ(decisions, 0);
}

TEST_F(ConfigChanges, ToValidateOnlyDecidesNothingAndNorDoesNoChange) {
  IncrementalAlterConfigsRequest request;
  request.resources.push_back({a_topic, "orders", {{"retention.ms", 0, "1"}}});
  request.validate_only = true;
  EXPECT_EQ(alter_configs(request, image, config, decide()).responses.at(0).error_code, ErrorCode::none);

  EXPECT_EQ(change("min.insync.replicas", AlterOperation::set, "2"), ErrorCode::none);

  EXPECT_EQ(decisions, 0);
}

}  // namespace
}  // namespace acklab::broker
