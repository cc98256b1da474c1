#include "tools/lab/run.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include "tools/lab/catalogue.h"
#include "tools/lab/promise.h"

namespace acklab::lab {
namespace {

using testing::HasSubstr;

// ---- The catalogue

std::vector<std::string> names_of_catalogue() {
  std::vector<std::string> names;
  for (const CatalogueEntry& entry : catalogue()) names.emplace_back(entry.name);
  return names;
}

class Catalogue : public testing::TestWithParam<std::string> {
 protected:
  const CatalogueEntry& entry() const { return **find_scenario(GetParam()); }
};

TEST_P(Catalogue, EveryScenarioIsReadAndHonestInEveryEra) {
  const auto scenario = parse_scenario(entry().toml, entry().name);

  ASSERT_TRUE(scenario.has_value()) << scenario.error();
  EXPECT_EQ(scenario->name, entry().name);
  EXPECT_TRUE(!scenario->hazard.empty() || scenario->faults.empty());
  EXPECT_FALSE(scenario->story.empty());
  for (const protocol::Era& era : protocol::eras()) {
    const auto honest = check_expectation(*scenario, era);
    EXPECT_TRUE(honest.has_value()) << honest.error();
  }
}

TEST_P(Catalogue, EveryRunIsAsExpectedAndSomeShowsWhatItMust) {
  const Scenario scenario = *parse_scenario(entry().toml, entry().name);
  std::set<Anomaly> shown;

  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    const RunResult result = run(scenario, {.seed = seed});

    EXPECT_EQ(name(result.judgement), "as-expected")
        << "acklab run " << scenario.name << " --seed " << seed << ": " << result.reason;
    shown.merge(result.verdict.anomalies());
  }

  for (const Anomaly anomaly : scenario.must) EXPECT_TRUE(shown.contains(anomaly)) << name(anomaly);
}

// The newest of the eras before the one at which an expectation ends.
std::string era_before(std::string_view version) {
  std::string last;
  for (const protocol::Era& era : protocol::eras()) {
    if (era.from == version) break;
    last = era.from;
  }
  return last;
}

TEST_P(Catalogue, AnEraThatIsToShowSomethingElseShowsIt) {
  const Scenario scenario = *parse_scenario(entry().toml, entry().name);

  for (const Scenario::EraExpectation& expected : scenario.eras) {
    const std::string era = era_before(expected.before);
    std::set<Anomaly> shown;
    for (std::uint64_t seed = 1; seed <= 10; ++seed) {
      const RunResult result = run(scenario, {.seed = seed, .era = era});
      EXPECT_EQ(name(result.judgement), "as-expected")
          << "acklab run " << scenario.name << " --era " << era << " --seed " << seed << ": " << result.reason;
      shown.merge(result.verdict.anomalies());
    }
    for (const Anomaly anomaly : expected.must) EXPECT_TRUE(shown.contains(anomaly)) << name(anomaly) << " in era " << era;
  }
}

// Without its faults nothing is left of it: a run that shows what it must because of something else would prove nothing.
TEST_P(Catalogue, WithoutItsFaultsAScenarioShowsNothing) {
  Scenario scenario = *parse_scenario(entry().toml, entry().name);
  scenario.faults.clear();
  scenario.expect = Expectation::safe;
  scenario.must.clear();
  scenario.eras.clear();

  const RunResult result = run(scenario, {.seed = 1});

  EXPECT_EQ(name(result.judgement), "as-expected") << result.reason;
}

TEST_P(Catalogue, ARunOverSocketsIsAsExpected) {
  const Scenario scenario = *parse_scenario(entry().toml, entry().name);

  const RunResult result = run(scenario, {.world = WorldKind::tcp, .tell = true});

  EXPECT_EQ(name(result.judgement), "as-expected") << "acklab run " << scenario.name << " --world tcp: " << result.reason << "\n"
                                                   << result.verdict.story();
}

INSTANTIATE_TEST_SUITE_P(, Catalogue, testing::ValuesIn(names_of_catalogue()), [](const auto& test) {
  std::string name = test.param;
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
});

TEST(UnsafeSettings, AreToldByEveryRunThatHasThem) {
  const auto scenario = open_scenario("unsafe-renumber-on-retry");

  const RunResult result = run(*scenario, {});

  EXPECT_EQ(result.unsafe, "producer-0: acklab.unsafe.variant=renumber-on-retry");
  EXPECT_EQ(run(*open_scenario("steady"), {}).unsafe, "");
}

TEST(CatalogueNames, AMistypedOneIsAnsweredWithTheNearest) {
  EXPECT_EQ((*find_scenario("acks1-leader-kill"))->name, "acks1-leader-kill");
  EXPECT_EQ(find_scenario("ack1-leader-kil").error(),
            "there is no scenario \"ack1-leader-kil\"; did you mean \"acks1-leader-kill\"?");
}

TEST(OpenScenario, AFilesLinesAreLookedForBesideIt) {
  const std::filesystem::path folder = std::filesystem::path(testing::TempDir()) / "open_scenario";
  std::filesystem::create_directories(folder);
  std::ofstream(folder / "orders.txt") << "one\ntwo\r\nthree";
  std::ofstream(folder / "lines.toml") << "name = 'lines'\n[[topic]]\nname = 'orders'\n[[producer]]\nlines = 'orders.txt'\n";
  const std::string file = (folder / "lines.toml").string();

  const auto scenario = open_scenario(file);

  ASSERT_TRUE(scenario.has_value()) << scenario.error();
  EXPECT_THAT(scenario->producers[0].lines, testing::ElementsAre("one", "two", "three"));
  EXPECT_EQ(open_scenario(file, {"producer.0.lines=none.txt"}).error(),
            (folder / "none.txt").string() + ": cannot be read (No such file or directory); name a text file");
}

TEST(OpenScenario, WhatCannotBeOpenedIsNamed) {
  EXPECT_EQ(open_scenario("acks1-leader-kill", {"cluster.brokers=4"})->brokers, 4);
  EXPECT_EQ(open_scenario("no/such.toml").error(),
            "no/such.toml: cannot be read (No such file or directory); name a file, or a scenario of the catalogue");
  EXPECT_THAT(open_scenario("/tmp/").error(), HasSubstr("/tmp/: cannot be read (Is a directory)"));
  EXPECT_THAT(open_scenario("akcs1-leader-kill").error(), HasSubstr("did you mean \"acks1-leader-kill\"?"));
}

// ---- Judgements

const std::string small = R"(
name = "small"
[[topic]]
name = "orders"
[[producer]]
records = 50
[run]
for = "3s"
)";

RunResult run_small(const std::string& more, const RunOptions& options = {}) {
  const auto scenario = parse_scenario(small + more, "small.toml");
  EXPECT_TRUE(scenario.has_value()) << scenario.error();
  return run(*scenario, options);
}

TEST(Run, ReportsWhatWasRunAndWhatCameOfIt) {
  const RunResult result =
      run_small("[[fault]]\nid = 'heal'\nwhen = { delay = '1s' }\ndo = 'heal'\n", {.seed = 7, .era = "3.6.1"});

  EXPECT_EQ(result.judgement, Judgement::as_expected) << result.reason;
  EXPECT_EQ(result.scenario, "small");
  EXPECT_EQ(result.seed, 7U);
  EXPECT_EQ(result.world, "sim");
  EXPECT_EQ(result.era, "3.5");
  EXPECT_EQ(result.expected, Expectation::safe);
  EXPECT_EQ(result.verdict.records.acked, 50);
  ASSERT_EQ(result.verdict.faults.size(), 1U);
  EXPECT_EQ(result.verdict.faults[0].fired, 1);
}

TEST(Run, AFaultThatMustFireAndDoesNotProvesNothing) {
  const std::string never =
      "[[fault]]\nid = 'late'\nwhen = { event = 'appended', records = 1000 }\ndo = 'kill'\ntarget = 'broker:0'\n";

  const RunResult always = run_small(never);
  const RunResult sometimes = run_small(never + "fires = 'sometimes'");
  const RunResult later_era = run_small(never + "fires = { before = '3.0' }");
  const RunResult earlier_era = run_small(never + "fires = { before = '3.0' }", {.era = "2.7"});

  EXPECT_EQ(always.judgement, Judgement::vacuous);
  EXPECT_EQ(always.reason, "fault late did not fire");
  EXPECT_EQ(sometimes.judgement, Judgement::as_expected) << sometimes.reason;
  EXPECT_EQ(later_era.judgement, Judgement::as_expected) << later_era.reason;
  EXPECT_EQ(earlier_era.judgement, Judgement::vacuous);
}

TEST(Run, AFaultThatStrikesNobodyHasNotFired) {
  const std::string first = "[[fault]]\nid = 'first'\nwhen = { event = 'appended', records = 10 }\n";
  const std::string then = "[[fault]]\nid = 'then'\nwhen = { after = 'first' }\n";
  const std::string kill = "do = 'kill'\ntarget = 'broker:0'\n";

  EXPECT_EQ(run_small(first + "do = 'restart'\ntarget = 'killed'\n").reason, "fault first did not fire");
  EXPECT_EQ(run_small(first + "do = 'restart'\ntarget = 'broker:0'\n").reason, "fault first did not fire");
  EXPECT_EQ(run_small(first + kill + then + kill).reason, "fault then did not fire");
  EXPECT_EQ(run_small(first + kill + then + "do = 'restart'\ntarget = 'killed'\n").reason, "");
}

TEST(Run, WithoutASendNothingIsProved) {
  const auto scenario = parse_scenario("name = 'idle'\n[run]\nfor = '1s'", "idle.toml");

  const RunResult result = run(*scenario, {});

  EXPECT_EQ(result.judgement, Judgement::vacuous);
  EXPECT_EQ(result.reason, "no record was sent");
}

TEST(Run, AnAnomalyThatIsNotExpectedIsAViolationEvenWherePromisesPermitIt) {
  const auto scenario =
      parse_scenario((*find_scenario("acks1-leader-kill"))->toml, "", {"expect.verdict=safe", "expect.must=[]"});

  const RunResult result = run(*scenario, {});

  EXPECT_EQ(result.judgement, Judgement::violation);
  EXPECT_THAT(result.reason, HasSubstr("lost-write, where \"safe\" allows none; first r-0"));
}

// A follower that lost its leader's connection asks again only long after the patience for the cluster's rest has ended.
const std::string restless = R"(
name = "restless"
[cluster]
set = { replica.fetch.backoff.ms = 200000 }
[[topic]]
name = "orders"
[[producer]]
set = { acks = "1" }
records = 50
rate = 100
[[fault]]
id = "reset"
when = { event = "appended", records = 20 }
do = "reset"
from = "leader:orders-0"
to = "followers:orders-0"
[run]
for = "1s"
)";

TEST(Run, AClusterThatDoesNotComeToRestIsAViolationUnlessThatIsExpected) {
  const Scenario safe = *parse_scenario(restless, "restless.toml");
  const Scenario stalled = *parse_scenario(restless + "[expect]\nverdict = 'stall-ok'\n", "restless.toml");

  const RunResult unexpected = run(safe, {});
  const RunResult expected = run(stalled, {});

  EXPECT_FALSE(unexpected.verdict.at_rest);
  EXPECT_EQ(unexpected.judgement, Judgement::violation);
  EXPECT_THAT(unexpected.reason, HasSubstr("has not come to rest"));
  EXPECT_FALSE(expected.verdict.at_rest);
  EXPECT_EQ(expected.judgement, Judgement::as_expected) << expected.reason;
}

TEST(Run, AProducerThatIsNotDoneIsStoppedAndWhatItSentIsJudged) {
  const Scenario slow = *parse_scenario(
      "name = 'slow'\n[[topic]]\nname = 'orders'\n[[producer]]\nrecords = 1000\nrate = 1\n[run]\nfor = '1s'\n", "slow.toml");

  const RunResult result = run(slow, {});

  EXPECT_FALSE(result.verdict.settled);
  EXPECT_TRUE(result.verdict.at_rest);
  EXPECT_EQ(result.judgement, Judgement::as_expected) << result.reason;
  EXPECT_LT(result.verdict.records.sent, 1000);
}

TEST(Run, LessThanThePromiseIsRefused) {
  const auto scenario = parse_scenario(small + "[expect]\nverdict = 'loss-ok'", "small.toml");

  EXPECT_THROW(run(*scenario, {}), std::invalid_argument);
}

// What survives power loss is bounded by the replicas that there are, whatever min.insync.replicas asks for.
TEST(Run, OneReplicaThatLosesItsTailBreaksNoInvariant) {
  const auto scenario = parse_scenario(R"(
name = "one-replica"
[cluster]
set = { min.insync.replicas = 2 }
[[topic]]
name = "orders"
replicas = 1
[[producer]]
set = { acks = "all" }
rate = 1000
[[fault]]
id = "outage"
when = { event = "appended", records = 200 }
do = "power-loss"
target = "leader:orders-0"
[[fault]]
when = { after = "outage", delay = "100ms" }
do = "restart"
target = "killed"
[run]
for = "5s"
[expect]
verdict = "loss-ok"
)",
                                       "one-replica.toml");

  std::int64_t lost = 0;
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    const RunResult result = run(*scenario, {.seed = seed});

    EXPECT_EQ(name(result.judgement), "as-expected") << "seed " << seed << ": " << result.reason;
    lost += result.verdict.records.lost;
  }

  EXPECT_GT(lost, 0);  // the disk draws how much of the tail is gone; some seed loses something
}

TEST(Run, GivenLinesReplaceThoseOfTheScenariosFile) {
  const auto scenario = parse_scenario(
      "name = 'lines'\n[[topic]]\nname = 'orders'\n[[producer]]\nlines = 'absent.txt'\n[run]\nfor = '1s'", "lines.toml");

  const RunResult result = run(*scenario, {.lines = {"one", "two", "two"}});

  EXPECT_EQ(result.judgement, Judgement::as_expected) << result.reason;
  EXPECT_EQ(result.verdict.records.acked, 3);
  EXPECT_THROW(run(*scenario, {}), std::invalid_argument);
}

TEST(Run, TheSameSeedGivesTheSameTrace) {
  const Scenario scenario = *parse_scenario((*find_scenario("acks1-leader-kill"))->toml, "");

  EXPECT_EQ(run(scenario, {.seed = 3}).verdict.trace_hash, run(scenario, {.seed = 3}).verdict.trace_hash);
  EXPECT_NE(run(scenario, {.seed = 3}).verdict.trace_hash, run(scenario, {.seed = 4}).verdict.trace_hash);
}

}  // namespace
}  // namespace acklab::lab
