// What becomes of a batch that is too large for the broker, and of a producer that meets a fatal error, seen from the application.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <variant>

#include "tests/producer/scripted_broker.h"

namespace acklab::producer {
namespace {

using namespace std::chrono_literals;
using protocol::ErrorCode;
using testing::ElementsAre;

// Refuses batches with more records than that.
Script at_most(int records) {
  return [records](const SeenBatch& batch) {
    return static_cast<int>(batch.values.size()) > records ? refuse(ErrorCode::message_too_large) : Reaction{};
  };
}

void expect_all_acked_in_order(const ScriptedCluster& cluster, const std::vector<std::string>& log) {
  for (std::size_t i = 0; i < cluster.told.size(); ++i) {
    EXPECT_EQ(cluster.told[i].times, 1);
    EXPECT_EQ(cluster.told[i].outcome.kind, Outcome::Kind::acked) << i;
    EXPECT_EQ(cluster.told[i].outcome.offset.value, static_cast<std::int64_t>(i));
    EXPECT_EQ(log.at(i), std::to_string(i));
  }
  EXPECT_EQ(log.size(), cluster.told.size());
}

TEST(Splitting, ABatchThatIsTooLargeGoesInPiecesAndInOrder) {
  // Without idempotence only one request in flight keeps the order, split or not.
  for (const auto& [idempotence, in_flight] : {std::pair{"true", "5"}, std::pair{"false", "1"}}) {
    for (const char* codec : {"none", "lz4"}) {
      ScriptedCluster cluster;
      cluster.add_topic("orders");
      cluster.configure({{"enable.idempotence", idempotence},
                         {"max.in.flight.requests.per.connection", in_flight},
                         {"compression.type", codec},
                         {"retries", "1"}});
      cluster.state.script = at_most(3);

      cluster.send_many(50);

      ASSERT_TRUE(cluster.run_until_all_told(10s)) << idempotence << " " << codec;
      expect_all_acked_in_order(cluster, cluster.partition("orders").values);
    }
  }
}

TEST(Splitting, WhatWasSentBehindABatchThatIsSplitComesBehindItsPieces) {
  ScriptedCluster cluster;
  cluster.add_topic("orders");
  cluster.configure({{"batch.size", "400"}, {"linger.ms", "0"}});
  // The broker knows the producer before, so that five may be in flight.
  cluster.send("0");
  ASSERT_TRUE(cluster.run_until_all_told(5s));
  cluster.state.script = at_most(4);

  for (int i = 1; i < 200; ++i) cluster.send(std::to_string(i));

  ASSERT_TRUE(cluster.run_until_all_told(60s));
  expect_all_acked_in_order(cluster, cluster.partition("orders").values);
}

TEST(Splitting, ARecordThatIsTooLargeByItselfFails) {
  ScriptedCluster cluster;
  cluster.add_topic("orders");
  cluster.state.script = at_most(0);

  cluster.send_many(2);

  ASSERT_TRUE(cluster.run_until_all_told(10s));
  for (const Told& told : cluster.told) {
    EXPECT_EQ(told.outcome.kind, Outcome::Kind::failed);
    EXPECT_EQ(told.outcome.code, ErrorCode::message_too_large);
    EXPECT_TRUE(std::holds_alternative<RejectedError>(*told.outcome.error()));
  }
}

TEST(FatalError, EndsWhatIsQueuedAndEveryLaterSendAtOnce) {
  ScriptedCluster cluster;
  cluster.add_topic("orders");
  cluster.state.script = [](const SeenBatch&) { return refuse(ErrorCode::producer_fenced); };
  cluster.send("a");
  ASSERT_TRUE(cluster.run_until_all_told(5s));
  const std::size_t seen = cluster.state.seen.size();

  cluster.send("b");
  ASSERT_TRUE(cluster.run_until_all_told(1ms));

  EXPECT_EQ(cluster.state.seen.size(), seen) << "nothing more reaches the wire";
  for (const Told& told : cluster.told) {
    EXPECT_EQ(told.outcome.kind, Outcome::Kind::failed);
    EXPECT_TRUE(std::holds_alternative<FatalError>(*told.outcome.error()));
    EXPECT_EQ(std::get<FatalError>(*told.outcome.error()).code, ErrorCode::producer_fenced);
  }
}

}  // namespace
}  // namespace acklab::producer
