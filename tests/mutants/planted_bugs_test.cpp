// The planted bugs, one after the other: the checker or the invariants must catch each within a stated number of seeds. With none of them
// active this build behaves exactly as the plain one: the golden trace hashes are the same.
#include <gtest/gtest.h>

#include <string>

#include "protocol/mutant.h"
#include "tests/simulation/golden_seeds.h"
#include "tools/lab/catalogue.h"
#include "tools/lab/run.h"

namespace acklab::lab {
namespace {

Scenario named(const std::string& name) {
  const auto entry = find_scenario(name);
  EXPECT_TRUE(entry.has_value());
  auto scenario = parse_scenario((*entry)->toml, name);
  EXPECT_TRUE(scenario.has_value());
  return *std::move(scenario);
}

// The first seed that is caught, or 0 if none is within `seeds`.
std::uint64_t caught_within(std::uint64_t seeds, const Scenario& scenario) {
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
    RunOptions options;
    options.seed = seed;
    if (run(scenario, options).judgement == Judgement::violation) return seed;
  }
  return 0;
}

class PlantedBugs : public testing::Test {
 protected:
  void TearDown() override { protocol::activate("none"); }
};

TEST_F(PlantedBugs, NothingIsCaughtWhileNoneIsActive) {
  EXPECT_EQ(caught_within(20, named("acks-all-leader-kill")), 0U);
  EXPECT_EQ(caught_within(20, named("lost-ack-idempotent")), 0U);
}

TEST_F(PlantedBugs, AnAckBeforeReplicationIsCaughtWithinTenSeeds) {
  ASSERT_TRUE(protocol::activate("ack-before-replication"));

  EXPECT_NE(caught_within(10, named("acks-all-leader-kill")), 0U);
}

TEST_F(PlantedBugs, ASkippedSequenceCheckIsCaughtWithinTenSeeds) {
  ASSERT_TRUE(protocol::activate("skip-sequence-check"));

  EXPECT_NE(caught_within(10, named("lost-ack-idempotent")), 0U);
}

TEST_F(PlantedBugs, TheGoldenTraceHashesAreThoseOfThePlainBuild) { expect_golden_hashes(); }

}  // namespace
}  // namespace acklab::lab
