#include "broker/controller/election.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

#include "tests/broker/controller_fixtures.h"

namespace acklab::broker {
namespace {

TEST(Election, TheLeaderIsTheFirstOfTheAssignmentThatIsUsableAndInSync) {
  struct Case {
    std::string what;
    PartitionState state;
    Usable usable;
    int leader;
  };
  const std::vector<Case> cases = {
      {"preferred", partition({0, 1, 2}, -1, 0, 0), only({0, 1, 2}), 0},
      {"order of the assignment, not of the ids", partition({0, 1, 2}, -1, 0, 0, {2, 0, 1}), only({0, 1, 2}), 2},
      {"preferred is fenced", partition({0, 1, 2}, -1, 0, 0), only({1, 2}), 1},
      {"preferred is not in sync", partition({1, 2}, -1, 0, 0), only({0, 1, 2}), 1},
      {"nobody is usable", partition({0, 1, 2}, -1, 0, 0), only({}), -1},
      {"usable but not in sync", partition({0}, -1, 0, 0), only({1, 2}), -1},
  };
  for (const Case& c : cases) EXPECT_EQ(choose_leader(c.state, c.usable), BrokerId{c.leader}) << c.what;
}

TEST(Election, ANewPartitionIsInSyncOnAllUsableReplicas) {
  EXPECT_EQ(new_partition(brokers({2, 0, 1}), only({0, 1, 2})), partition({0, 1, 2}, 2, 0, 0, {2, 0, 1}));
  EXPECT_EQ(new_partition(brokers({2, 0, 1}), only({0, 1})), partition({0, 1}, 0, 0, 0, {2, 0, 1}));
  EXPECT_EQ(new_partition(brokers({2, 0, 1}), only({})), std::nullopt);
}

TEST(Election, FencingABrokerChangesWhatItTookPartIn) {
  struct Case {
    std::string what;
    PartitionState before;
    int fenced;
    Usable usable;
    std::optional<PartitionState> after;
  };
  const std::vector<Case> cases = {
      {"the leader: out of the ISR, another leads", partition({0, 1, 2}, 0, 4, 7), 0, only({1, 2}), partition({1, 2}, 1, 5, 8)},
      {"a follower: out of the ISR, same leader epoch", partition({0, 1, 2}, 0, 4, 7), 2, only({0, 1}),
       partition({0, 1}, 0, 4, 8)},
      {"a follower outside the ISR: nothing", partition({0, 1}, 0, 4, 7), 2, only({0, 1}), std::nullopt},
      {"no replica: nothing", partition({0, 1, 2}, 0, 4, 7), 5, only({0, 1, 2}), std::nullopt},
      {"the last in-sync replica stays in the ISR, nobody leads", partition({0}, 0, 4, 7), 0, only({1, 2}),
       partition({0}, -1, 5, 8)},
      {"a follower when nobody leads: nothing", partition({0}, -1, 5, 8), 1, only({2}), std::nullopt},
  };
  for (const Case& c : cases) EXPECT_EQ(after_fencing(c.before, {c.fenced}, c.usable), c.after) << c.what;
}

TEST(Election, AReturningBrokerLeadsOnlyWhatNobodyLeadsAndOnlyInSync) {
  struct Case {
    std::string what;
    PartitionState before;
    Usable usable;
    std::optional<PartitionState> after;
  };
  const std::vector<Case> cases = {
      {"the last in-sync replica is back", partition({0}, -1, 5, 8), only({0}), partition({0}, 0, 6, 9)},
      {"a replica that is not in sync", partition({0}, -1, 5, 8), only({1, 2}), std::nullopt},
      {"there is a leader: no change, not even to the preferred one", partition({1, 2}, 1, 5, 8), only({0, 1, 2}), std::nullopt},
  };
  for (const Case& c : cases) EXPECT_EQ(after_unfencing(c.before, c.usable), c.after) << c.what;
}

TEST(Election, TheWholeClusterDiesAndTheLastToDieLeadsAgain) {
  PartitionState state = partition({0, 1, 2}, 0, 0, 0);

  state = *after_fencing(state, {0}, only({1, 2}));
  state = *after_fencing(state, {1}, only({2}));
  state = *after_fencing(state, {2}, only({}));
  EXPECT_EQ(state, partition({2}, -1, 3, 3));
  EXPECT_EQ(after_unfencing(state, only({0})), std::nullopt);
  EXPECT_EQ(after_unfencing(state, only({0, 2})), partition({2}, 2, 4, 4));
}

}  // namespace
}  // namespace acklab::broker
