// What a story must not leave out.
#include "tools/lab/explain.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "tools/lab/run.h"

namespace acklab::lab {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::Not;

// Records that every replica had and none had flushed.
constexpr std::string_view all_lose_power = R"(
name = "all-lose-power"
[[topic]]
name = "orders"
[[producer]]
set = { acks = "all", linger.ms = 5 }
records = 200
rate = 500
[[fault]]
id = "power-loss"
when = { event = "high-watermark", at = "leader:orders-0", records = 100 }
do = "power-loss"
target = "all"
[[fault]]
when = { after = "power-loss", delay = "1s" }
do = "restart"
target = "killed"
[run]
for = "4s"
[expect]
verdict = "loss-ok"
)";

constexpr std::uint64_t seeds = 30;

std::vector<std::vector<std::string>> stories_of_lost_writes(std::string_view toml) {
  const Scenario scenario = *parse_scenario(toml, "explain_test.cpp");
  std::vector<std::vector<std::string>> stories;
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
    RunOptions options;
    options.seed = seed;
    options.tell = true;
    const RunResult result = run(scenario, options);
    for (const Finding& finding : result.verdict.findings) {
      if (finding.anomaly == Anomaly::lost_write && !finding.story.empty()) stories.push_back(finding.story);
    }
  }
  return stories;
}

TEST(Explain, ALossByPowerLossNamesThePowerLossAndTheLogThatCameBackWithoutTheRecord) {
  const auto stories = stories_of_lost_writes(all_lose_power);

  ASSERT_FALSE(stories.empty());
  for (const std::vector<std::string>& story : stories) {
    EXPECT_THAT(story, Contains(HasSubstr("loses power")));
    EXPECT_THAT(story, Contains(HasSubstr("was not flushed")));
    EXPECT_THAT(story, Not(Contains(HasSubstr("is killed"))));
    EXPECT_THAT(story, Not(Contains(HasSubstr("never had"))));
  }
}

}  // namespace
}  // namespace acklab::lab
