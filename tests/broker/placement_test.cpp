#include "broker/controller/placement.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>
#include <vector>

#include "tests/broker/controller_fixtures.h"

namespace acklab::broker {
namespace {

using testing::HasSubstr;

TEST(Placement, LeadersGoRoundAndFollowersMoveOnWithEachRound) {
  const Assignment placed = place_replicas(brokers({0, 1, 2, 3}), 9, 2, 0);

  const std::vector<std::vector<BrokerId>> expected = {brokers({0, 1}), brokers({1, 2}), brokers({2, 3}),
                                                       brokers({3, 0}), brokers({0, 2}), brokers({1, 3}),
                                                       brokers({2, 0}), brokers({3, 1}), brokers({0, 3})};
  EXPECT_EQ(placed, expected);
}

TEST(Placement, TheStartTurnsTheCircle) {
  EXPECT_EQ(place_replicas(brokers({4, 7, 9}), 1, 3, 1), Assignment{brokers({7, 9, 4})});
  EXPECT_EQ(place_replicas(brokers({4, 7, 9}), 1, 3, 5), Assignment{brokers({9, 4, 7})});
}

TEST(Placement, EveryPartitionHasDistinctReplicasAndEveryBrokerItsShare) {
  for (int count = 1; count <= 6; ++count) {
    std::vector<BrokerId> all;
    for (int id = 0; id < count; ++id) all.push_back({id});
    for (int factor = 1; factor <= count; ++factor) {
      const int partitions = count * 3;
      std::map<BrokerId, int> led;
      for (const auto& replicas : place_replicas(all, partitions, static_cast<std::int16_t>(factor), 2)) {
        EXPECT_EQ(replicas.size(), static_cast<std::size_t>(factor));
        EXPECT_EQ(std::set(replicas.begin(), replicas.end()).size(), replicas.size());
        led[replicas.front()] += 1;
      }
      for (const BrokerId broker : all) EXPECT_EQ(led[broker], 3);
    }
  }
}

TEST(Placement, AManualAssignmentIsTakenInTheOrderOfThePartitions) {
  const auto checked = check_assignment({{1, brokers({2, 0})}, {0, brokers({1, 2})}}, brokers({0, 1, 2}));

  ASSERT_TRUE(checked.has_value()) << checked.error();
  EXPECT_EQ(*checked, (Assignment{brokers({1, 2}), brokers({2, 0})}));
}

TEST(Placement, AManualAssignmentThatMakesNoSenseIsRefused) {
  struct Case {
    std::vector<ManualPartition> manual;
    std::string expected;
  };
  const std::vector<Case> cases = {
      {{{1, brokers({0})}}, "consecutive 0-based"},
      {{{0, brokers({0})}, {2, brokers({0})}}, "consecutive 0-based"},
      {{{0, brokers({0})}, {0, brokers({1})}}, "consecutive 0-based"},
      {{{-1, brokers({0})}, {0, brokers({0})}}, "consecutive 0-based"},
      {{{0, {}}}, "partition 0 has no replicas"},
      {{{0, brokers({0, 1, 0})}}, "names broker 0 twice"},
      {{{0, brokers({0, 3})}}, "broker 3 is not registered"},
      {{{0, brokers({-1})}}, "broker -1 is not registered"},
      {{{0, brokers({0, 1})}, {1, brokers({0})}}, "partition 1 has 1 replicas, partition 0 has 2"},
  };
  for (const Case& c : cases) {
    const auto checked = check_assignment(c.manual, brokers({0, 1, 2}));
    ASSERT_FALSE(checked.has_value()) << c.expected;
    EXPECT_THAT(checked.error(), HasSubstr(c.expected));
  }
}

}  // namespace
}  // namespace acklab::broker
