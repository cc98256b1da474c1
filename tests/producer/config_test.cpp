#include "producer/config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <map>
#include <string>
#include <vector>

#include "producer/presets.h"
#include "producer/setting.h"

namespace acklab::producer {
namespace {

using namespace std::chrono_literals;
using protocol::Acks;
using testing::AllOf;
using testing::HasSubstr;

ProducerConfig read(const Settings& settings, const protocol::Era& era = protocol::newest_era()) {
  const auto config = ProducerConfig::from(settings, era);
  EXPECT_TRUE(config) << config.error();
  return config.value_or(ProducerConfig{});
}

std::string refusal(const Settings& settings) {
  const auto config = ProducerConfig::from(settings);
  EXPECT_FALSE(config);
  return config ? "" : config.error();
}

protocol::Era era(std::string_view version) { return protocol::era_of(version).value(); }

TEST(ProducerConfig, DefaultsAreKafkas) {
  const ProducerConfig config = read({});

  EXPECT_EQ(config.acks, Acks::all);
  EXPECT_TRUE(config.enable_idempotence);
  EXPECT_EQ(config.max_in_flight, 5);
  EXPECT_EQ(config.retries, 2147483647);
  EXPECT_EQ(config.linger, 5ms);
  EXPECT_EQ(config.batch_size, 16384u);
  EXPECT_EQ(config.buffer_memory, 32u << 20);
  EXPECT_EQ(config.max_request_size, 1u << 20);
  EXPECT_EQ(config.max_block, 60s);
  EXPECT_EQ(config.delivery_timeout, 120s);
  EXPECT_EQ(config.request_timeout, 30s);
  EXPECT_EQ(config.retry_backoff, 100ms);
  EXPECT_EQ(config.retry_backoff_max, 1s);
  EXPECT_EQ(config.metadata_max_age, 300s);
}

TEST(ProducerConfig, AnOldEraHasItsOwnDefaults) {
  const ProducerConfig config = read({}, era("2.4"));

  EXPECT_EQ(config.acks, Acks::leader);
  EXPECT_FALSE(config.enable_idempotence);
  EXPECT_EQ(config.linger, 0ms);
}

TEST(ProducerConfig, EveryKeyIsRead) {
  const ProducerConfig config = read({{"acks", "1"},
                                      {"batch.size", "1000"},
                                      {"buffer.memory", "2000"},
                                      {"client.id", "me"},
                                      {"compression.type", "zstd"},
                                      {"delivery.timeout.ms", "9000"},
                                      {"enable.idempotence", "false"},
                                      {"linger.ms", "7"},
                                      {"max.block.ms", "8"},
                                      {"max.in.flight.requests.per.connection", "1"},
                                      {"max.request.size", "3000"},
                                      {"metadata.max.age.ms", "10"},
                                      {"reconnect.backoff.max.ms", "11"},
                                      {"reconnect.backoff.ms", "12"},
                                      {"request.timeout.ms", "13"},
                                      {"retries", "14"},
                                      {"retry.backoff.max.ms", "15"},
                                      {"retry.backoff.ms", "16"}});

  EXPECT_EQ(config.acks, Acks::leader);
  EXPECT_EQ(config.batch_size, 1000u);
  EXPECT_EQ(config.buffer_memory, 2000u);
  EXPECT_EQ(config.client_id, "me");
  EXPECT_EQ(config.compression, protocol::Codec::zstd);
  EXPECT_EQ(config.delivery_timeout, 9000ms);
  EXPECT_FALSE(config.enable_idempotence);
  EXPECT_EQ(config.linger, 7ms);
  EXPECT_EQ(config.max_block, 8ms);
  EXPECT_EQ(config.max_in_flight, 1);
  EXPECT_EQ(config.max_request_size, 3000u);
  EXPECT_EQ(config.metadata_max_age, 10ms);
  EXPECT_EQ(config.reconnect_backoff_max, 11ms);
  EXPECT_EQ(config.reconnect_backoff, 12ms);
  EXPECT_EQ(config.request_timeout, 13ms);
  EXPECT_EQ(config.retries, 14);
  EXPECT_EQ(config.retry_backoff_max, 15ms);
  EXPECT_EQ(config.retry_backoff, 16ms);
}

TEST(ProducerConfig, ForEverCanStillBeAddedToATime) {
  const ProducerConfig config = read({{"max.block.ms", "9223372036854775807"}});

  EXPECT_GT(protocol::Time{} + config.max_block, protocol::Time{} + 24h * 365 * 99);
}

TEST(ProducerConfig, AMistypedKeyIsMetWithTheNearestOne) {
  EXPECT_THAT(refusal({{"linger", "5"}}), AllOf(HasSubstr("\"linger\""), HasSubstr("\"linger.ms\"")));
  EXPECT_THAT(refusal({{"compression.typ", "gzip"}}), HasSubstr("\"compression.type\""));
}

TEST(ProducerConfig, AValueThatCannotBeNamesKeyAndMend) {
  struct Case {
    std::string key, value, mend;
  };
  const std::vector<Case> cases = {
      {"acks", "2", "0, 1 or all"},
      {"enable.idempotence", "yes", "true or false"},
      {"compression.type", "brotli", "none, gzip, snappy, lz4 or zstd"},
      {"linger.ms", "5s", "milliseconds"},
      {"linger.ms", "-1", "from 0"},
      {"retries", "2147483648", "to 2147483647"},
      {"max.in.flight.requests.per.connection", "0", "from 1"},
      {"batch.size", "", "bytes"},
      {"request.timeout.ms", "1.5", "whole number"},
  };
  for (const Case& wrong : cases) {
    EXPECT_THAT(refusal({{wrong.key, wrong.value}}), AllOf(HasSubstr(wrong.key), HasSubstr(wrong.value), HasSubstr(wrong.mend)));
  }
}

TEST(ProducerConfig, IdempotenceThatNobodyAskedForGivesWay) {
  EXPECT_FALSE(read({{"acks", "1"}}).enable_idempotence);
  EXPECT_FALSE(read({{"acks", "0"}}).enable_idempotence);
  EXPECT_FALSE(read({{"retries", "0"}}).enable_idempotence);
  EXPECT_FALSE(read({{"max.in.flight.requests.per.connection", "6"}}).enable_idempotence);
  EXPECT_TRUE(read({{"acks", "-1"}, {"max.in.flight.requests.per.connection", "1"}}).enable_idempotence);
}

TEST(ProducerConfig, IdempotenceThatWasAskedForMakesAContradictionAnError) {
  const Settings asked = {{"enable.idempotence", "true"}};
  const auto with = [&](const std::string& key, const std::string& value) {
    Settings settings = asked;
    settings[key] = value;
    return settings;
  };

  EXPECT_THAT(refusal(with("acks", "1")), HasSubstr("acks=all"));
  EXPECT_THAT(refusal(with("retries", "0")), HasSubstr("retries above 0"));
  EXPECT_THAT(refusal(with("max.in.flight.requests.per.connection", "6")), HasSubstr("at most 5"));
}

TEST(ProducerConfig, IdempotenceThatWasAskedForRaisesAnAcksThatNobodyAskedFor) {
  const ProducerConfig config = read({{"enable.idempotence", "true"}}, era("2.4"));

  EXPECT_TRUE(config.enable_idempotence);
  EXPECT_EQ(config.acks, Acks::all);
}

TEST(ProducerConfig, TheDeliveryTimeoutCoversLingerAndOneRequest) {
  EXPECT_EQ(read({{"request.timeout.ms", "200000"}}).delivery_timeout, 200005ms);
  EXPECT_THAT(refusal({{"delivery.timeout.ms", "1000"}}), AllOf(HasSubstr("delivery.timeout.ms"), HasSubstr("30005")));
}

TEST(ProducerConfig, ATriggerThatIsSetTakesThePlaceOfTheTimeThatIsNot) {
  EXPECT_EQ(read({}).ready_after(), 5ms);
  EXPECT_GT(read({{"batch.ready.messages", "10"}}).ready_after(), 24h);
  EXPECT_GT(read({{"batch.ready.bytes", "10"}, {"linger.ms", "0"}}).ready_after(), 24h);
  EXPECT_EQ(read({{"batch.ready.messages", "10"}, {"linger.ms", "7"}}).ready_after(), 7ms);
}

TEST(ProducerConfig, ATriggerThatNoBatchCanReachIsRefused) {
  EXPECT_EQ(read({{"batch.ready.bytes", "100000"}}).batch_size, 1048576u);
  EXPECT_THAT(refusal({{"batch.ready.bytes", "100000"}, {"batch.size", "16384"}}),
              AllOf(HasSubstr("batch.ready.bytes"), HasSubstr("batch.size")));
}

TEST(ProducerConfig, ATriggerAboveTheCapIsRefusedAsSaramaDoes) {
  EXPECT_THAT(refusal({{"Producer.Flush.Messages", "100"}, {"Producer.Flush.MaxMessages", "10"}}),
              AllOf(HasSubstr("batch.ready.messages"), HasSubstr("was given as Producer.Flush.MaxMessages")));
}

TEST(ProducerConfig, OtherClientsNamesAndValuesAreRead) {
  struct Case {
    std::string name, value, key, kafkas;
  };
  const std::vector<Case> cases = {
      {"request.required.acks", "-1", "acks", "all"},
      {"message.send.max.retries", "3", "retries", "3"},
      {"queue.buffering.max.ms", "7", "linger.ms", "7"},
      {"queue.buffering.max.kbytes", "16", "buffer.memory", "16384"},
      {"message.max.bytes", "1000", "max.request.size", "1000"},
      {"max.in.flight", "2", "max.in.flight.requests.per.connection", "2"},
      {"compression.codec", "lz4", "compression.type", "lz4"},
      {"partitioner", "murmur2_random", "partitioner.class", "murmur2_random"},
      {"Producer.RequiredAcks", "WaitForLocal", "acks", "1"},
      {"Producer.RequiredAcks", "sarama.NoResponse", "acks", "0"},
      {"config.Producer.RequiredAcks", "WaitForAll", "acks", "-1"},
      {"Producer.Compression", "CompressionSnappy", "compression.type", "snappy"},
      {"Producer.Idempotent", "true", "enable.idempotence", "true"},
      {"Producer.Flush.Frequency", "100ms", "linger.ms", "100"},
      {"Producer.Flush.Bytes", "1000", "batch.ready.bytes", "1000"},
      {"Producer.Flush.Messages", "10", "batch.ready.messages", "10"},
      {"Producer.Flush.MaxMessages", "20", "batch.num.messages", "20"},
      {"Producer.Partitioner", "sarama.NewHashPartitioner", "partitioner.class", "fnv1a_random"},
      {"Producer.Retry.Backoff", "1m30s", "retry.backoff.ms", "90000"},
      {"Producer.Timeout", "10 * time.Second", "request.timeout.ms", "10000"},
      {"Net.DialTimeout", "10s", "socket.connection.setup.timeout.ms", "10000"},
      {"Net.MaxOpenRequests", "1", "max.in.flight.requests.per.connection", "1"},
      {"Metadata.RefreshFrequency", "10m", "metadata.max.age.ms", "600000"},
  };
  for (const Case& one : cases) {
    const auto setting = settings_named(one.key).front().setting;
    EXPECT_EQ(setting->values.show(read({{one.name, one.value}})), setting->values.show(read({{one.key, one.kafkas}})))
        << one.name;
  }
}

TEST(ProducerConfig, AValueInAnotherClientsWordsThatCannotBeIsMetWithThatClientsWords) {
  EXPECT_THAT(refusal({{"Producer.RequiredAcks", "All"}}), HasSubstr("WaitForAll"));
  EXPECT_THAT(refusal({{"Producer.Flush.Frequency", "5"}}), HasSubstr("Go duration"));
  EXPECT_THAT(refusal({{"Producer.Flush.Frequency", "500us"}}), HasSubstr("whole milliseconds"));
  EXPECT_THAT(refusal({{"Producer.Compression", "CompressionBrotli"}}), HasSubstr("CompressionSnappy"));
}

TEST(ProducerConfig, TheLessonsFieldsThatExistNowhereAreMetWithTheRealNames) {
  EXPECT_THAT(refusal({{"Producer.Retry.RetryBackoff", "100ms"}}),
              AllOf(HasSubstr("Producer.Retry.Backoff"), HasSubstr("retry.backoff.ms")));
  EXPECT_THAT(refusal({{"Producer.Retry.MaxRetryTime", "10s"}}),
              AllOf(HasSubstr("Producer.Retry.Max"), HasSubstr("delivery.timeout.ms")));
  EXPECT_THAT(refusal({{"Producer.Flush.BufferSize", "100"}}), AllOf(HasSubstr("ChannelBufferSize"), HasSubstr("buffer.memory")));
}

TEST(ProducerConfig, WhatIsNotServedIsRefusedUnlessItAsksForNothing) {
  EXPECT_THAT(refusal({{"transactional.id", "t"}}), HasSubstr("no transactions"));
  EXPECT_THAT(refusal({{"security.protocol", "SASL_SSL"}}), HasSubstr("without TLS or SASL"));
  EXPECT_THAT(refusal({{"ssl.truststore.location", "/x"}}), HasSubstr("without TLS or SASL"));
  EXPECT_THAT(refusal({{"bootstrap.servers", "a:1"}}), HasSubstr("-b"));
  read({{"security.protocol", "PLAINTEXT"}, {"Net.TLS.Enable", "false"}, {"Producer.Return.Successes", "true"}});
}

TEST(ProducerConfig, OneSettingUnderTwoNamesHasOneValue) {
  EXPECT_EQ(read({{"linger.ms", "100"}, {"Producer.Flush.Frequency", "100ms"}}).linger, 100ms);
  EXPECT_EQ(read({{"acks", "-1"}, {"Producer.RequiredAcks", "WaitForAll"}}).acks, Acks::all);
  EXPECT_THAT(refusal({{"linger.ms", "5"}, {"Producer.Flush.Frequency", "100ms"}}),
              AllOf(HasSubstr("linger.ms"), HasSubstr("Producer.Flush.Frequency"), HasSubstr("give it once")));
}

TEST(ProducerConfig, OneNameForTheLevelOfEveryCodecMeansTheOneThatIsUsed) {
  EXPECT_EQ(read({{"compression.level", "5"}, {"compression.type", "zstd"}}).zstd_level, 5);
  EXPECT_EQ(read({{"Producer.CompressionLevel", "3"}, {"Producer.Compression", "CompressionGZIP"}}).gzip_level, 3);
  EXPECT_EQ(read({{"compression.level", "-1"}, {"compression.type", "lz4"}}).lz4_level, 9) << "its own default";
  EXPECT_THAT(refusal({{"compression.level", "5"}, {"compression.type", "snappy"}}), HasSubstr("have no levels"));
}

TEST(ProducerConfig, APresetGivesWayToWhatIsSetBesideIt) {
  const ProducerConfig latency = read({{"preset", "latency"}});
  EXPECT_EQ(latency.linger, 0ms);
  EXPECT_EQ(latency.acks, Acks::leader);
  EXPECT_FALSE(latency.enable_idempotence);

  EXPECT_EQ(read({{"preset", "latency"}, {"Producer.RequiredAcks", "WaitForAll"}}).acks, Acks::all);
  EXPECT_THAT(refusal({{"preset", "latency"}, {"enable.idempotence", "true"}}), HasSubstr("acks was given as preset=latency"));
  EXPECT_THAT(refusal({{"preset", "speed"}}), HasSubstr("throughput, latency or memory"));
}

TEST(ProducerConfig, EveryPresetIsAConfiguration) {
  for (const Preset& preset : presets()) {
    const ProducerConfig config = read({{"preset", std::string(preset.name)}});
    for (const Preset::Choice& choice : preset.choices) {
      const Setting* setting = settings_named(choice.key).front().setting;
      EXPECT_EQ(setting->values.show(config), choice.value) << preset.name << " " << choice.key;
    }
  }
}

TEST(ProducerConfig, ALongerConnectionSetupRaisesTheLongestUnlessThatWasGiven) {
  EXPECT_EQ(read({{"Net.DialTimeout", "60s"}}).connection_setup_timeout_max, 60s);
  EXPECT_THAT(refusal({{"socket.connection.setup.timeout.ms", "9"}, {"socket.connection.setup.timeout.max.ms", "8"}}),
              HasSubstr("above"));
}

TEST(ProducerSettings, EveryDefaultIsAValueThatTheSettingMayHave) {
  for (const protocol::Era& one : protocol::eras()) {
    const ProducerConfig defaults = ProducerConfig::defaults(one);
    for (const Setting& setting : producer_settings()) {
      ProducerConfig scratch;
      EXPECT_TRUE(setting.values.set(scratch, setting.values.show(defaults))) << setting.key;
      EXPECT_EQ(setting.values.show(scratch), setting.values.show(defaults)) << setting.key;
    }
  }
}

TEST(ProducerSettings, StandInTheOrderOfTheirKeysAndEachNameMeansOneOfThem) {
  std::map<std::string_view, int> names;
  std::string_view last;
  for (const Setting& setting : producer_settings()) {
    EXPECT_LT(last, setting.key);
    last = setting.key;
    for (const OtherName& other : setting.librdkafka) names[other.name] += !other.name.empty() && other.name != setting.key;
    for (const OtherName& other : setting.sarama) names[other.name] += !other.name.empty();
  }
  for (const auto& [name, count] : names) {
    const bool is_level = name == "compression.level" || name == "Producer.CompressionLevel";
    EXPECT_LE(count, is_level ? 3 : 1) << name;
  }
}

}  // namespace
}  // namespace acklab::producer
