#include "broker/config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <tuple>
#include <vector>

#include "broker/config_key.h"

namespace acklab::broker {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using testing::HasSubstr;

struct Setting {
  std::string key;
  std::string value;
};

TEST(BrokerConfig, HowOftenFlushesAreLookedForIsAlsoWhenTheyAreDue) {
  BrokerConfig config;

  ASSERT_TRUE(config.set("log.flush.scheduler.interval.ms", "500"));
  EXPECT_EQ(config.flush_check_interval, std::chrono::milliseconds(500));
  EXPECT_EQ(config.topics.flush_time, std::chrono::milliseconds(500));

  ASSERT_TRUE(config.set("log.flush.interval.ms", "2000"));
  ASSERT_TRUE(config.set("log.flush.scheduler.interval.ms", "700"));
  EXPECT_EQ(config.topics.flush_time, std::chrono::milliseconds(2000)) << "the nearer name counts";
}

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
  EXPECT_EQ(config.topics.min_insync_replicas, 4);
  EXPECT_TRUE(config.topics.unclean_leader_election);
  EXPECT_EQ(config.topics.max_message_bytes, 5);
  EXPECT_EQ(config.topics.segment_bytes, 600);
  EXPECT_EQ(config.topics.flush_messages, 7);
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

TEST(BrokerConfig, OfSeveralKeysForOneThingTheFinerOneCountsInWhateverOrderTheyCome) {
  BrokerConfig config;
  ASSERT_TRUE(config.set("log.retention.hours", "2").has_value());
  EXPECT_EQ(config.topics.retention, hours(2));
  ASSERT_TRUE(config.set("log.retention.ms", "5").has_value());
  ASSERT_TRUE(config.set("log.retention.minutes", "3").has_value());
  EXPECT_EQ(config.topics.retention, milliseconds(5));
  ASSERT_TRUE(config.set("log.roll.hours", "1").has_value());
  EXPECT_EQ(config.topics.segment_time, hours(1));

  EXPECT_FALSE(config.set("log.retention.minutes", "soon").has_value()) << "it does not count, but it is wrong";
  EXPECT_FALSE(config.set("log.retention.hours", "99999999999").has_value());
}

TEST(BrokerConfig, NoRetentionInHoursIsNoRetentionInMilliseconds) {
  BrokerConfig config;

  ASSERT_TRUE(config.set("log.retention.hours", "-1").has_value());

  EXPECT_EQ(config.topics.retention, milliseconds(-1));
}

TEST(BrokerConfig, RemembersWhatWasGivenAsItWasWritten) {
  BrokerConfig config;
  ASSERT_TRUE(config.set("log.retention.hours", " 2 ").has_value());
  EXPECT_FALSE(config.set("num.partitions", "0").has_value());

  EXPECT_EQ(config.given, (Settings{{"log.retention.hours", "2"}}));
}

TEST(BrokerConfig, OldErasHaveTheirOwnDefaults) {
  const auto defaults = [](std::string_view era) { return BrokerConfig::defaults(*protocol::era_of(era)).topics; };

  EXPECT_TRUE(defaults("0.10").unclean_leader_election);
  EXPECT_FALSE(defaults("0.11").unclean_leader_election);
  EXPECT_EQ(defaults("2.4").max_message_bytes, 1000012);
  EXPECT_EQ(defaults("2.5").max_message_bytes, 1048588);
  EXPECT_EQ(defaults("3.9").timestamp_after_max, milliseconds(INT64_MAX));
  EXPECT_EQ(defaults("4.0").timestamp_after_max, hours(1));
  EXPECT_EQ(defaults(protocol::newest_era().from), TopicConfig{});
}

// The table itself: whatever stands in it can be read and shown, and what is shown can be read.
TEST(ConfigKeys, EveryDefaultOfATopicIsAValueThatTheKeyTakes) {
  for (const TopicKey& key : topic_keys()) {
    const TopicConfig defaults;
    TopicConfig config;
    const auto stored = config.set(key.name, key.values.show(defaults));
    EXPECT_TRUE(stored.has_value()) << stored.error();
    EXPECT_EQ(config, defaults) << key.name;
    EXPECT_FALSE(key.meaning.empty());
    EXPECT_EQ(find_topic_key(key.name), &key) << "the table is not sorted";
    EXPECT_EQ(find_default(key.broker_names[0].name).key, &key);
  }
}

TEST(ConfigKeys, EveryDefaultOfABrokerIsAValueThatTheKeyTakes) {
  for (const BrokerKey& key : broker_keys()) {
    BrokerConfig config;
    const std::string shown = key.values.show(config);
    const auto stored = config.set(key.name, shown);
    EXPECT_TRUE(stored.has_value()) << stored.error();
    EXPECT_EQ(key.values.show(config), shown);
    EXPECT_FALSE(key.meaning.empty());
    EXPECT_EQ(find_broker_key(key.name), &key) << "the table is not sorted";
    if (key.name == "log.flush.scheduler.interval.ms") continue;  // also what flush.ms is by default
    EXPECT_EQ(find_default(key.name).key, nullptr) << "a key has one place";
  }
}

TEST(ConfigKeys, EveryRangeOfWholeNumbersEndsWhereItSays) {
  for (const TopicKey& key : topic_keys()) {
    if (!key.values.words.empty()) continue;
    TopicConfig config;
    EXPECT_TRUE(config.set(key.name, std::to_string(key.values.low)).has_value()) << key.name;
    EXPECT_TRUE(config.set(key.name, std::to_string(key.values.high)).has_value()) << key.name;
    EXPECT_EQ(key.values.show(config), std::to_string(key.values.high));
    EXPECT_FALSE(config.set(key.name, std::to_string(key.values.low - 1)).has_value()) << key.name;
  }
}

TEST(TopicConfig, EveryKeyIsStoredWhereItBelongs) {
  TopicConfig config;
  const std::vector<Setting> settings = {
      {"cleanup.policy", "compact"},
      {"compression.gzip.level", "1"},
      {"compression.lz4.level", "2"},
      {"compression.type", "zstd"},
      {"compression.zstd.level", "4"},
      {"delete.retention.ms", "5"},
      {"file.delete.delay.ms", "6"},
      {"flush.messages", "7"},
      {"flush.ms", "8"},
      {"index.interval.bytes", "9"},
      {"max.compaction.lag.ms", "10"},
      {"max.message.bytes", "11"},
      {"message.timestamp.after.max.ms", "12"},
      {"message.timestamp.before.max.ms", "13"},
      {"message.timestamp.type", "LogAppendTime"},
      {"min.cleanable.dirty.ratio", "0.25"},
      {"min.compaction.lag.ms", "14"},
      {"min.insync.replicas", "15"},
      {"retention.bytes", "16"},
      {"retention.ms", "17"},
      {"segment.bytes", "18"},
      {"segment.index.bytes", "19"},
      {"segment.jitter.ms", "20"},
      {"segment.ms", "21"},
      {"unclean.leader.election.enable", "true"},
  };

  for (const auto& [key, value] : settings) {
    const auto outcome = config.set(key, value);
    ASSERT_TRUE(outcome.has_value()) << outcome.error();
  }

  EXPECT_EQ(settings.size(), topic_keys().size());
  EXPECT_EQ(config.cleanup_policy, (CleanupPolicy{.deletes = false, .compacts = true}));
  EXPECT_EQ(config.gzip_level, 1);
  EXPECT_EQ(config.lz4_level, 2);
  EXPECT_EQ(config.compression, protocol::Codec::zstd);
  EXPECT_EQ(config.zstd_level, 4);
  EXPECT_EQ(config.delete_retention, milliseconds(5));
  EXPECT_EQ(config.file_delete_delay, milliseconds(6));
  EXPECT_EQ(config.flush_messages, 7);
  EXPECT_EQ(config.flush_time, milliseconds(8));
  EXPECT_EQ(config.index_interval_bytes, 9);
  EXPECT_EQ(config.max_compaction_lag, milliseconds(10));
  EXPECT_EQ(config.max_message_bytes, 11);
  EXPECT_EQ(config.timestamp_after_max, milliseconds(12));
  EXPECT_EQ(config.timestamp_before_max, milliseconds(13));
  EXPECT_EQ(config.timestamp_type, TimestampType::log_append_time);
  EXPECT_EQ(config.min_cleanable_dirty_ratio, 0.25);
  EXPECT_EQ(config.min_compaction_lag, milliseconds(14));
  EXPECT_EQ(config.min_insync_replicas, 15);
  EXPECT_EQ(config.retention_bytes, 16);
  EXPECT_EQ(config.retention, milliseconds(17));
  EXPECT_EQ(config.segment_bytes, 18);
  EXPECT_EQ(config.index_bytes, 19);
  EXPECT_EQ(config.segment_jitter, milliseconds(20));
  EXPECT_EQ(config.segment_time, milliseconds(21));
  EXPECT_TRUE(config.unclean_leader_election);
}

TEST(TopicConfig, TakesTheWordsThatKafkaTakesAndNoOthers) {
  const std::vector<std::tuple<std::string, std::string, std::string>> good = {
      {"cleanup.policy", "delete", "delete"},
      {"cleanup.policy", "delete, compact", "compact,delete"},
      {"compression.type", "producer", "producer"},
      {"compression.type", "uncompressed", "uncompressed"},
      {"compression.type", "lz4", "lz4"},
      {"compression.gzip.level", "-1", "-1"},
      {"message.timestamp.type", "CreateTime", "CreateTime"},
      {"min.cleanable.dirty.ratio", "1", "1"},
      {"retention.ms", "-1", "-1"},
  };
  for (const auto& [key, value, shown] : good) {
    TopicConfig config;
    const auto outcome = config.set(key, value);
    ASSERT_TRUE(outcome.has_value()) << outcome.error();
    EXPECT_EQ(find_topic_key(key)->values.show(config), shown);
  }

  const std::vector<Setting> bad = {
      {"cleanup.policy", ""},
      {"cleanup.policy", "delete,"},
      {"cleanup.policy", "keep"},
      {"compression.type", "none"},
      {"compression.type", "zip"},
      {"compression.gzip.level", "0"},
      {"compression.gzip.level", "10"},
      {"message.timestamp.type", "createtime"},
      {"min.cleanable.dirty.ratio", "1.1"},
      {"min.cleanable.dirty.ratio", "-0.1"},
      {"min.cleanable.dirty.ratio", "nan"},
      {"min.cleanable.dirty.ratio", "1e-1"},
      {"unclean.leader.election.enable", "1"},
  };
  for (const auto& [key, value] : bad) {
    TopicConfig config;
    const auto outcome = config.set(key, value);
    ASSERT_FALSE(outcome.has_value()) << key << "=" << value;
    EXPECT_THAT(outcome.error(), testing::StartsWith(key + ": "));
    EXPECT_EQ(config, TopicConfig{});
  }
}

TEST(TopicConfig, WhatNoSingleKeyHasWrongIsFoundToo) {
  TopicConfig config;
  ASSERT_TRUE(config.set("min.compaction.lag.ms", "11").has_value());
  ASSERT_TRUE(config.set("max.compaction.lag.ms", "10").has_value());

  ASSERT_FALSE(config.check().has_value());
  EXPECT_EQ(config.check().error(), "min.compaction.lag.ms: 11 is more than max.compaction.lag.ms, which is 10");
}

TEST(TopicConfig, ATopicsOwnSettingsStandAboveTheBrokers) {
  BrokerConfig broker;
  ASSERT_TRUE(broker.set("min.insync.replicas", "2").has_value());
  ASSERT_TRUE(broker.set("log.segment.bytes", "500").has_value());

  const TopicConfig config = broker.of_topic({{"segment.bytes", "100"}, {"unknown", "1"}});

  EXPECT_EQ(config.min_insync_replicas, 2);
  EXPECT_EQ(config.segment_bytes, 100);
}

TEST(TopicConfig, ForEverIsALongTimeAndNoOverflow) {
  EXPECT_EQ(timer_for(milliseconds(5)), Duration(milliseconds(5)));
  EXPECT_GT(timer_for(milliseconds(INT64_MAX)), Duration(hours(24 * 365 * 99)));
}

TEST(TopicConfig, ABrokerKeyIsNotATopicKey) {
  TopicConfig config;

  const auto outcome = config.set("message.max.bytes", "3");

  ASSERT_FALSE(outcome.has_value());
  EXPECT_THAT(outcome.error(), HasSubstr("did you mean \"max.message.bytes\"?"));
}

}  // namespace
}  // namespace acklab::broker
