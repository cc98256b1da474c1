#include "producer/config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <vector>

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
  EXPECT_GT(read({{"flush.messages", "10"}}).ready_after(), 24h);
  EXPECT_GT(read({{"flush.bytes", "10"}, {"linger.ms", "0"}}).ready_after(), 24h);
  EXPECT_EQ(read({{"flush.messages", "10"}, {"linger.ms", "7"}}).ready_after(), 7ms);
}

TEST(ProducerConfig, ATriggerThatNoBatchCanReachIsRefused) {
  EXPECT_EQ(read({{"flush.bytes", "100000"}}).batch_size, 1048576u);
  EXPECT_THAT(refusal({{"flush.bytes", "100000"}, {"batch.size", "16384"}}),
              AllOf(HasSubstr("flush.bytes"), HasSubstr("batch.size")));
}

}  // namespace
}  // namespace acklab::producer
