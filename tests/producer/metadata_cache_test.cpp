#include "producer/metadata_cache.h"

#include <gtest/gtest.h>

#include <chrono>

namespace acklab::producer {
namespace {

using namespace std::chrono_literals;
using protocol::BrokerId;
using protocol::ErrorCode;
using protocol::MetadataResponse;
using protocol::Time;

constexpr Time start{};

struct Bench {
  void ask() { cache.ask(now); }
  void answer(const MetadataResponse& response) {
    ask();
    cache.answered(response, now);
  }

  ProducerConfig config;
  MetadataCache cache{config, protocol::Random(1)};
  Time now = start;
};

MetadataResponse::Partition led_by(std::int32_t index, std::int32_t leader, std::int32_t epoch) {
  return {.partition_index = index,
          .leader_id = leader,
          .leader_epoch = epoch,
          .replica_nodes = {},
          .isr_nodes = {},
          .offline_replicas = {}};
}

MetadataResponse orders(std::vector<MetadataResponse::Partition> partitions, std::uint8_t id = 1) {
  MetadataResponse response;
  response.brokers = {{.node_id = 0, .host = "a", .port = 9092, .rack = {}},
                      {.node_id = 1, .host = "b", .port = 9093, .rack = {}}};
  MetadataResponse::Topic& topic = response.topics.emplace_back();
  topic.name = "orders";
  topic.topic_id.bytes[0] = id;
  topic.partitions = std::move(partitions);
  return response;
}

MetadataResponse refused(ErrorCode code) {
  MetadataResponse response = orders({});
  response.topics[0].error_code = code;
  return response;
}

TEST(MetadataCache, AsksForNothingUntilATopicIsWanted) {
  Bench bench;
  EXPECT_EQ(bench.cache.ask_at(), never);

  bench.cache.watch("orders");

  EXPECT_LE(bench.cache.ask_at(), start);
  const auto request = bench.cache.ask(start);
  ASSERT_EQ(request.topics->size(), 1u);
  EXPECT_EQ(request.topics->at(0).name, "orders");
  EXPECT_EQ(bench.cache.ask_at(), never) << "one question at a time";
}

TEST(MetadataCache, ATopicThatRestsIsNotAskedAboutUntilItIsWatchedAgain) {
  Bench bench;
  bench.cache.watch("orders");
  bench.cache.watch("payments");
  bench.answer(orders({led_by(0, 1, 5)}));

  bench.cache.rest("orders");
  EXPECT_TRUE(bench.cache.partitions("orders").empty());
  bench.answer(orders({led_by(0, 1, 5)}));
  EXPECT_TRUE(bench.cache.partitions("orders").empty()) << "nobody asked";

  EXPECT_FALSE(bench.cache.watch("orders").resting);
  EXPECT_EQ(bench.cache.ask(bench.now).topics->size(), 2u);
}

TEST(MetadataCache, KnowsBrokersAndLeaders) {
  Bench bench;
  bench.cache.watch("orders");
  bench.answer(orders({led_by(1, 0, 3), led_by(0, 1, 5)}));

  EXPECT_EQ(bench.cache.partitions("orders").size(), 2u);
  EXPECT_EQ(bench.cache.leader("orders", 0), (Leader{{1}, {5}}));
  EXPECT_EQ(bench.cache.leader("orders", 1), (Leader{{0}, {3}}));
  EXPECT_FALSE(bench.cache.leader("orders", 2).known());
  EXPECT_FALSE(bench.cache.leader("payments", 0).known());
  EXPECT_EQ(bench.cache.brokers().at(BrokerId{1}), (protocol::Address{"b", 9093}));
}

TEST(MetadataCache, ALowerLeaderEpochIsOldNews) {
  Bench bench;
  bench.cache.watch("orders");
  bench.answer(orders({led_by(0, 1, 5)}));

  bench.answer(orders({led_by(0, 0, 4)}));
  EXPECT_EQ(bench.cache.leader("orders", 0), (Leader{{1}, {5}}));

  bench.answer(orders({led_by(0, -1, 6)}));
  EXPECT_FALSE(bench.cache.leader("orders", 0).known());
}

TEST(MetadataCache, AnotherTopicOfTheSameNameBeginsItsEpochsAnew) {
  Bench bench;
  bench.cache.watch("orders");
  bench.answer(orders({led_by(0, 1, 5)}, 1));

  bench.answer(orders({led_by(0, 0, 0)}, 2));

  EXPECT_EQ(bench.cache.leader("orders", 0), (Leader{{0}, {0}}));
}

TEST(MetadataCache, AsksAgainAtMaxAgeOrWhenContradicted) {
  Bench bench;
  bench.cache.watch("orders");
  bench.answer(orders({led_by(0, 1, 5)}));
  EXPECT_EQ(bench.cache.ask_at(), start + 300s);

  bench.cache.ask_again();

  EXPECT_GE(bench.cache.ask_at(), start + 80ms);
  EXPECT_LE(bench.cache.ask_at(), start + 120ms);
}

TEST(MetadataCache, AContradictionWhileAQuestionTravelsLeadsToAnother) {
  Bench bench;
  bench.cache.watch("orders");
  bench.ask();
  bench.cache.ask_again();

  bench.cache.answered(orders({led_by(0, 1, 5)}), start);

  EXPECT_LT(bench.cache.ask_at(), start + 1s);
}

TEST(MetadataCache, HearingTheSameAgainMakesItAskMoreRarely) {
  Bench bench;
  bench.cache.watch("orders");
  bench.answer(orders({led_by(0, -1, 5)}));

  for (const Duration base : {200ms, 400ms, 800ms, 1000ms, 1000ms}) {
    bench.cache.ask_again();
    bench.answer(orders({led_by(0, -1, 5)}));
    bench.cache.ask_again();
    EXPECT_GE(bench.cache.ask_at() - bench.now, base * 8 / 10);
    EXPECT_LE(bench.cache.ask_at() - bench.now, base * 12 / 10);
  }

  bench.answer(orders({led_by(0, 1, 6)}));
  bench.cache.ask_again();
  EXPECT_LE(bench.cache.ask_at() - bench.now, 120ms);
}

TEST(MetadataCache, AnUnansweredQuestionIsAskedAgain) {
  Bench bench;
  bench.cache.watch("orders");
  bench.ask();

  bench.cache.not_answered();

  EXPECT_GE(bench.cache.ask_at(), start + 80ms);
  EXPECT_LE(bench.cache.ask_at(), start + 120ms);
}

TEST(MetadataCache, ATopicThatIsStillBeingMadeIsAskedForAgain) {
  for (const ErrorCode code : {ErrorCode::unknown_topic_or_partition, ErrorCode::leader_not_available}) {
    Bench bench;
    bench.cache.watch("orders");
    bench.answer(refused(code));

    EXPECT_LT(bench.cache.ask_at(), start + 1s);
    EXPECT_EQ(bench.cache.watch("orders").refusal, std::nullopt);
  }
}

TEST(MetadataCache, ATopicThatCanNeverBeUsedSaysWhy) {
  Bench bench;
  bench.cache.watch("orders");
  bench.answer(refused(ErrorCode::invalid_topic_exception));

  EXPECT_EQ(bench.cache.watch("orders").refusal, ErrorCode::invalid_topic_exception);
  EXPECT_EQ(bench.cache.ask_at(), start + 300s);
}

TEST(MetadataCache, WildNumbersAreLeftOut) {
  Bench bench;
  bench.cache.watch("orders");
  MetadataResponse response = orders({led_by(2147483647, 1, 5), led_by(-7, 1, 5), led_by(1, 1, 5)});
  response.brokers.push_back({.node_id = 2, .host = "c", .port = 70000, .rack = {}});

  bench.answer(response);

  EXPECT_EQ(bench.cache.partitions("orders").size(), 3u);
  EXPECT_FALSE(bench.cache.leader("orders", 0).known());
  EXPECT_TRUE(bench.cache.leader("orders", 1).known());
  EXPECT_FALSE(bench.cache.brokers().contains(BrokerId{2}));
}

}  // namespace
}  // namespace acklab::producer
