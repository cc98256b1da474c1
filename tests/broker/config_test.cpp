#include "broker/config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <vector>

namespace acklab::broker {
namespace {

using std::chrono::milliseconds;
using testing::HasSubstr;

struct Setting {
  std::string key;
  std::string value;
};

TEST(BrokerConfig, EveryKeyIsStoredWhereItBelongs) {
  BrokerConfig config;
  const std::vector<Setting> settings = {
      {"num.partitions", "3"},
      {"default.replication.factor", "2"},
      {"auto.create.topics.enable", "false"},
      {"min.insync.replicas", "4"},
      {"unclean.leader.election.enable", "true"},
      {"message.max.bytes", "5"},
      {"log.segment.bytes", "600"},
      {"log.flush.interval.messages", "7"},
      {"replica.lag.time.max.ms", "8"},
      {"replica.fetch.wait.max.ms", "9"},
      {"replica.fetch.min.bytes", "10"},
      {"replica.fetch.max.bytes", "11"},
      {"replica.fetch.backoff.ms", "12"},
      {"replica.high.watermark.checkpoint.interval.ms", "13"},
      {"broker.session.timeout.ms", "14"},
      {"broker.heartbeat.interval.ms", "15"},
      {"socket.request.max.bytes", "16"},
      {"fetch.max.bytes", "1700"},
  };

  for (const auto& [key, value] : settings) {
    const auto outcome = config.set(key, value);
    ASSERT_TRUE(outcome.has_value()) << outcome.error();
  }

  EXPECT_EQ(config.num_partitions, 3);
  EXPECT_EQ(config.default_replication_factor, 2);
  EXPECT_FALSE(config.auto_create_topics);
  EXPECT_EQ(config.min_insync_replicas, 4);
  EXPECT_TRUE(config.unclean_leader_election);
  EXPECT_EQ(config.message_max_bytes, 5);
  EXPECT_EQ(config.log_segment_bytes, 600);
  EXPECT_EQ(config.log_flush_interval_messages, 7);
  EXPECT_EQ(config.replica_lag_time_max, milliseconds(8));
  EXPECT_EQ(config.replica_fetch_wait_max, milliseconds(9));
  EXPECT_EQ(config.replica_fetch_min_bytes, 10);
  EXPECT_EQ(config.replica_fetch_max_bytes, 11);
  EXPECT_EQ(config.replica_fetch_backoff, milliseconds(12));
  EXPECT_EQ(config.high_watermark_checkpoint_interval, milliseconds(13));
  EXPECT_EQ(config.session_timeout, milliseconds(14));
  EXPECT_EQ(config.heartbeat_interval, milliseconds(15));
  EXPECT_EQ(config.socket_request_max_bytes, 16);
  EXPECT_EQ(config.fetch_max_bytes, 1700);
}

TEST(BrokerConfig, SpacesAroundAValueDoNotCount) {
  BrokerConfig config;

  ASSERT_TRUE(config.set("num.partitions", " 6\t").has_value());

  EXPECT_EQ(config.num_partitions, 6);
}

TEST(BrokerConfig, AnUnknownKeyIsAnsweredWithTheNearestOne) {
  BrokerConfig config;

  const auto outcome = config.set("min.isync.replicas", "2");

  ASSERT_FALSE(outcome.has_value());
  EXPECT_EQ(outcome.error(), "unknown key \"min.isync.replicas\": did you mean \"min.insync.replicas\"?");
}

TEST(BrokerConfig, AnErrorLineDoesNotRepeatWhatIsEndless) {
  BrokerConfig config;

  EXPECT_LT(config.set(std::string(1'000'000, 'k'), "1").error().size(), 100U);
  EXPECT_LT(config.set("num.partitions", std::string(1'000'000, '0')).error().size(), 100U);
}

TEST(BrokerConfig, ABadValueIsRefusedAndChangesNothing) {
  const std::vector<std::tuple<std::string, std::string, std::string>> cases = {
      {"num.partitions", "0", "num.partitions: 0 is outside 1 to 10000"},
      {"num.partitions", "10001", "outside"},
      {"num.partitions", "three", "\"three\" is not a whole number"},
      {"num.partitions", "3.5", "not a whole number"},
      {"num.partitions", "", "not a whole number"},
      {"num.partitions", "99999999999999999999", "outside"},
      {"default.replication.factor", "32768", "outside"},
      {"min.insync.replicas", "0", "outside"},
      {"broker.session.timeout.ms", "-1", "outside"},
      {"replica.fetch.backoff.ms", "0", "outside"},
      {"replica.lag.time.max.ms", "9223372036854775807", "outside"},
      {"fetch.max.bytes", "1023", "outside"},
      {"auto.create.topics.enable", "yes", "\"yes\" is neither true nor false"},
  };
  for (const auto& [key, value, expected] : cases) {
    BrokerConfig config;
    const auto outcome = config.set(key, value);
    ASSERT_FALSE(outcome.has_value()) << key << "=" << value;
    EXPECT_THAT(outcome.error(), HasSubstr(expected));
    EXPECT_THAT(outcome.error(), HasSubstr(key));
    EXPECT_EQ(config.num_partitions, 1);
  }
}

TEST(TopicConfig, EveryKeyIsStoredWhereItBelongs) {
  TopicConfig config;

  ASSERT_TRUE(config.set("min.insync.replicas", "2").has_value());
  ASSERT_TRUE(config.set("unclean.leader.election.enable", "true").has_value());
  ASSERT_TRUE(config.set("max.message.bytes", "3").has_value());
  ASSERT_TRUE(config.set("segment.bytes", "400").has_value());
  ASSERT_TRUE(config.set("flush.messages", "5").has_value());

  EXPECT_EQ(config.min_insync_replicas, 2);
  EXPECT_EQ(config.unclean_leader_election, true);
  EXPECT_EQ(config.max_message_bytes, 3);
  EXPECT_EQ(config.segment_bytes, 400);
  EXPECT_EQ(config.flush_messages, 5);
}

TEST(TopicConfig, ABrokerKeyIsNotATopicKey) {
  TopicConfig config;

  const auto outcome = config.set("message.max.bytes", "3");

  ASSERT_FALSE(outcome.has_value());
  EXPECT_THAT(outcome.error(), HasSubstr("did you mean \"max.message.bytes\"?"));
}

}  // namespace
}  // namespace acklab::broker
