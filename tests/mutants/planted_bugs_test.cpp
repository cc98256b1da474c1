// The planted bugs, one after the other: the checker or the invariants must catch each within a stated number of seeds. With none of them
// active this build behaves exactly as the plain one: the golden trace hashes are the same.
#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include <fmt/format.h>

#include "protocol/mutant.h"
#include "tests/simulation/golden_seeds.h"
#include "tools/lab/catalogue.h"
#include "tools/lab/run.h"

namespace acklab::lab {
namespace {

const std::string era_without_strict_min_isr = "3.5";

Scenario named(const std::string& name) {
  const auto entry = find_scenario(name);
  EXPECT_TRUE(entry.has_value());
  auto scenario = parse_scenario((*entry)->toml, name);
  EXPECT_TRUE(scenario.has_value());
  return *std::move(scenario);
}

Scenario parsed(std::string_view toml) {
  auto scenario = parse_scenario(toml, "planted_bugs_test.cpp");
  EXPECT_TRUE(scenario.has_value()) << scenario.error();
  return *std::move(scenario);
}

// The first seed that is caught, or 0 if none is within `seeds`.
std::uint64_t caught_within(std::uint64_t seeds, const Scenario& scenario, const std::string& era = "") {
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
    RunOptions options;
    options.seed = seed;
    options.era = era;
    const RunResult result = run(scenario, options);
    if (result.judgement != Judgement::violation) continue;
    fmt::print("caught at seed {}: {}\n", seed, result.reason);
    return seed;
  }
  return 0;
}

constexpr std::string_view no_answer_wanted = R"(
name = "no-answer-wanted"
[cluster]
brokers = 2
[[topic]]
name = "orders"
[[producer]]
set = { acks = "0", linger.ms = 5 }
records = 50
rate = 500
[run]
for = "1s"
)";

// The only follower drops out of sync while batches wait for it. Before Kafka 3.7 the high watermark moves on then, and the leader has to
// say that it appended them.
constexpr std::string_view isr_shrinks_after_append = R"(
name = "isr-shrinks-after-append"
[cluster]
brokers = 2
set = { replica.lag.time.max.ms = 500 }
[[topic]]
name = "orders"
set = { min.insync.replicas = 2 }
[[producer]]
set = { acks = "all", linger.ms = 5, enable.idempotence = false, retries = 0, request.timeout.ms = 5000 }
records = 100
rate = 200
[[fault]]
id = "stall"
when = { event = "appended", at = "leader:orders-0", records = 40 }
do = "stall"
target = { from = "leader:orders-0", to = "followers:orders-0" }
[run]
for = "3s"
[expect]
verdict = "unknown-ok"
)";

// The only replica loses power with a tail that is not flushed: some of it may be gone, and what is left may end inside a batch.
constexpr std::string_view torn_tail = R"(
name = "torn-tail"
[cluster]
brokers = 1
[[topic]]
name = "orders"
[[producer]]
set = { acks = "1", linger.ms = 5, enable.idempotence = false }
records = 300
rate = 500
[[fault]]
id = "power-loss"
when = { event = "appended", records = 200 }
do = "power-loss"
target = "broker:0"
[[fault]]
when = { after = "power-loss", delay = "500ms" }
do = "restart"
target = "killed"
[run]
for = "3s"
[expect]
verdict = "loss-ok"
)";

class PlantedBugs : public testing::Test {
 protected:
  void TearDown() override { protocol::activate("none"); }
};

TEST_F(PlantedBugs, NothingIsCaughtWhileNoneIsActive) {
  EXPECT_EQ(caught_within(20, named("acks-all-leader-kill")), 0U);
  EXPECT_EQ(caught_within(20, named("lost-ack-idempotent")), 0U);
  EXPECT_EQ(caught_within(20, parsed(no_answer_wanted)), 0U);
  EXPECT_EQ(caught_within(20, named("failover-dedupe")), 0U);
  EXPECT_EQ(caught_within(20, named("truncate-rolls-back-state")), 0U);
  EXPECT_EQ(caught_within(20, named("lost-ack-idempotent"), "3.9"), 0U);
  EXPECT_EQ(caught_within(20, parsed(isr_shrinks_after_append), era_without_strict_min_isr), 0U);
  EXPECT_EQ(caught_within(50, parsed(torn_tail)), 0U);
  EXPECT_EQ(caught_within(20, named("fsync-error-alone")), 0U);
  EXPECT_EQ(caught_within(20, named("bit-rot-committed")), 0U);
  EXPECT_EQ(caught_within(10, named("compacted-topic")), 0U);
}

TEST_F(PlantedBugs, AnAckBeforeReplicationIsCaughtWithinTenSeeds) {
  ASSERT_TRUE(protocol::activate("ack-before-replication"));

  EXPECT_NE(caught_within(10, named("acks-all-leader-kill")), 0U);
}

TEST_F(PlantedBugs, ASkippedSequenceCheckIsCaughtWithinTenSeeds) {
  ASSERT_TRUE(protocol::activate("skip-sequence-check"));

  EXPECT_NE(caught_within(10, named("lost-ack-idempotent")), 0U);
}

TEST_F(PlantedBugs, AHighWatermarkThatAdvancesTooEarlyIsCaughtWithinTwoSeeds) {
  ASSERT_TRUE(protocol::activate("advance-too-early"));

  EXPECT_NE(caught_within(2, named("acks-all-leader-kill")), 0U);
}

TEST_F(PlantedBugs, AFollowerThatTruncatesTooFarIsCaughtWithinTwoSeeds) {
  ASSERT_TRUE(protocol::activate("truncate-too-far"));

  EXPECT_NE(caught_within(2, named("acks-all-leader-kill")), 0U);
}

TEST_F(PlantedBugs, AFollowerThatJoinsTheIsrTooEarlyIsCaughtWithinTwoSeeds) {
  ASSERT_TRUE(protocol::activate("join-isr-too-early"));

  EXPECT_NE(caught_within(2, named("acks-all-leader-kill")), 0U);
}

TEST_F(PlantedBugs, ProducerStateLostOnFailoverIsCaughtWithinTwoSeeds) {
  ASSERT_TRUE(protocol::activate("lose-producer-states"));

  EXPECT_NE(caught_within(2, named("failover-dedupe")), 0U);
}

// Before Kafka 4.0 the producer believes the leader, and sends what it has in a new epoch (hazard P13).
TEST_F(PlantedBugs, ADeniedDuplicateIsCaughtWithinTwoSeeds) {
  ASSERT_TRUE(protocol::activate("deny-the-duplicate"));

  EXPECT_NE(caught_within(2, named("lost-ack-idempotent"), "3.9"), 0U);
  EXPECT_EQ(caught_within(2, named("lost-ack-idempotent")), 0U) << "one that keeps the name says unknown, and is right";
}

TEST_F(PlantedBugs, ProducerStateThatOutlivesATruncationIsCaughtWithinTwoSeeds) {
  ASSERT_TRUE(protocol::activate("keep-states-of-the-cut"));

  EXPECT_NE(caught_within(2, named("truncate-rolls-back-state")), 0U);
}

TEST_F(PlantedBugs, AnAnswerToAcks0IsCaughtWithinTwoSeeds) {
  ASSERT_TRUE(protocol::activate("answer-acks-0"));

  EXPECT_NE(caught_within(2, parsed(no_answer_wanted)), 0U);
}

TEST_F(PlantedBugs, AFailedSendThatWasAppendedIsCaughtWithinTwoSeeds) {
  ASSERT_TRUE(protocol::activate("deny-the-append"));

  EXPECT_NE(caught_within(2, parsed(isr_shrinks_after_append), era_without_strict_min_isr), 0U);
}

TEST_F(PlantedBugs, RecoveryThatKeepsATornBatchIsCaughtWithinTwentySeeds) {
  ASSERT_TRUE(protocol::activate("keep-torn-batch"));

  EXPECT_NE(caught_within(20, parsed(torn_tail)), 0U);
}

TEST_F(PlantedBugs, ABrokerThatCarriesOnAfterAFailedFlushIsCaughtWithinTwoSeeds) {
  ASSERT_TRUE(protocol::activate("carry-on-after-failed-flush"));

  EXPECT_NE(caught_within(2, named("fsync-error-alone")), 0U);
}

// Whoever reads it finds a matching checksum; only whoever knows what was sent can tell.
TEST_F(PlantedBugs, ARottenBatchWithAFreshChecksumIsCaughtWithinFiveSeeds) {
  ASSERT_TRUE(protocol::activate("seal-rotten-batch"));

  EXPECT_NE(caught_within(5, named("bit-rot-committed")), 0U);
}

TEST_F(PlantedBugs, ACleaningThatDropsTheLatestRecordOfAKeyIsCaughtWithinTwoSeeds) {
  ASSERT_TRUE(protocol::activate("compact-the-latest"));

  EXPECT_NE(caught_within(2, named("compacted-topic")), 0U);
}

TEST_F(PlantedBugs, TheGoldenTraceHashesAreThoseOfThePlainBuild) { expect_golden_hashes(); }

}  // namespace
}  // namespace acklab::lab
