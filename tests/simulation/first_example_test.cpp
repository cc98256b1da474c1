// The README's first example, compiled and run. readme_test.cpp compares it with the page.
#include <gtest/gtest.h>

#include "tools/lab/experiment.h"

using namespace acklab::lab;

class Orders : public testing::TestWithParam<WorldKind> {};

// [example]
TEST_P(Orders, SurviveTheDeathOfTheirLeader) {
  Experiment lab(GetParam(), {.brokers = 3, .seed = 7, .set = {{"broker.session.timeout.ms", "1500"}}});
  lab.create_topic("orders", {.partitions = 1, .replicas = 3, .set = {{"min.insync.replicas", "2"}}});

  lab.produce("orders", {.records = 1000, .rate = 2000, .set = {{"acks", "all"}}});
  ASSERT_TRUE(lab.run_until_acked(400));
  lab.kill("leader:orders-0");
  const Verdict verdict = lab.check();

  EXPECT_EQ(verdict.records.acked, 1000);
  EXPECT_EQ(verdict.records.lost, 0) << verdict.story();
  EXPECT_EQ(verdict.records.duplicated, 0) << verdict.story();
}

INSTANTIATE_TEST_SUITE_P(Worlds, Orders, testing::Values(WorldKind::sim, WorldKind::tcp));
// [example]
