#include "broker/controller/election.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

#include "tests/broker/controller_fixtures.h"

namespace acklab::broker {
namespace {

using protocol::ErrorCode;

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
  for (const Case& c : cases)
    EXPECT_EQ(after_fencing(c.before, {c.fenced}, c.usable, UncleanElection::forbidden), c.after) << c.what;
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
  for (const Case& c : cases) EXPECT_EQ(after_unfencing(c.before, c.usable, UncleanElection::forbidden), c.after) << c.what;
}

TEST(Election, WhereItIsAllowedAnyUsableReplicaLeadsWhenNoneInSyncCan) {
  struct Case {
    std::string what;
    PartitionState before;
    Usable usable;
    std::optional<PartitionState> after;
  };
  const std::vector<Case> fenced = {
      {"the last in-sync replica goes: the first usable one leads, alone in sync", partition({0}, 0, 4, 7), only({1, 2}),
       partition({1}, 1, 5, 8)},
      {"order of the assignment", partition({0}, 0, 4, 7, {2, 0, 1}), only({1, 2}), partition({2}, 2, 5, 8, {2, 0, 1})},
      {"another one is in sync: a clean election", partition({0, 2}, 0, 4, 7), only({1, 2}), partition({2}, 2, 5, 8)},
      {"nobody is usable", partition({0}, 0, 4, 7), only({}), partition({0}, -1, 5, 8)},
      {"a follower: no election", partition({0, 1}, 1, 4, 7), only({1, 2}), partition({1}, 1, 4, 8)},
  };
  for (const Case& c : fenced) EXPECT_EQ(after_fencing(c.before, {0}, c.usable, UncleanElection::allowed), c.after) << c.what;

  const std::vector<Case> unfenced = {
      {"a replica that is not in sync comes first", partition({0}, -1, 5, 8), only({1}), partition({1}, 1, 6, 9)},
      {"the one in sync is there too", partition({2}, -1, 5, 8), only({1, 2}), partition({2}, 2, 6, 9)},
      {"still nobody", partition({0}, -1, 5, 8), only({}), std::nullopt},
      {"there is a leader", partition({1}, 1, 5, 8), only({0, 1}), std::nullopt},
  };
  for (const Case& c : unfenced) EXPECT_EQ(after_unfencing(c.before, c.usable, UncleanElection::allowed), c.after) << c.what;
}

TEST(Election, OnRequestLeadershipGoesBackOrToWhoeverIsThere) {
  struct Case {
    std::string what;
    Election election;
    PartitionState before;
    Usable usable;
    Result<PartitionState> after;
  };
  const auto refused = [](ErrorCode code) { return Result<PartitionState>(protocol::failure(code)); };
  const std::vector<Case> cases = {
      {"the preferred one is in sync", Election::preferred, partition({0, 1}, 1, 4, 7), only({0, 1}), partition({0, 1}, 0, 5, 8)},
      {"it leads already", Election::preferred, partition({0, 1}, 0, 4, 7), only({0, 1}),
       refused(ErrorCode::election_not_needed)},
      {"it is not in sync", Election::preferred, partition({1, 2}, 1, 4, 7), only({0, 1, 2}),
       refused(ErrorCode::preferred_leader_not_available)},
      {"it is in sync but fenced", Election::preferred, partition({0}, -1, 4, 7), only({1, 2}),
       refused(ErrorCode::preferred_leader_not_available)},
      {"there is a leader, preferred or not", Election::unclean, partition({1}, 1, 4, 7), only({0, 1}),
       refused(ErrorCode::election_not_needed)},
      {"nobody leads, nobody in sync is usable", Election::unclean, partition({0}, -1, 4, 7), only({1, 2}),
       partition({1}, 1, 5, 8)},
      {"nobody leads, one in sync is usable: clean", Election::unclean, partition({0, 2}, -1, 4, 7), only({1, 2}),
       partition({0, 2}, 2, 5, 8)},
      {"nobody is usable", Election::unclean, partition({0}, -1, 4, 7), only({}),
       refused(ErrorCode::eligible_leaders_not_available)},
  };
  for (const Case& c : cases) EXPECT_EQ(hold_election(c.before, c.election, c.usable), c.after) << c.what;
}

TEST(Election, IsUncleanIfTheNewLeaderWasNotInSync) {
  EXPECT_TRUE(was_unclean(partition({0}, 0, 4, 7), partition({1}, 1, 5, 8)));
  EXPECT_FALSE(was_unclean(partition({0, 1}, 0, 4, 7), partition({1}, 1, 5, 8)));
  EXPECT_FALSE(was_unclean(partition({0}, 0, 4, 7), partition({0}, -1, 5, 8))) << "nobody was elected";
}

TEST(Election, TheWholeClusterDiesAndTheLastToDieLeadsAgain) {
  PartitionState state = partition({0, 1, 2}, 0, 0, 0);

  state = *after_fencing(state, {0}, only({1, 2}), UncleanElection::forbidden);
  state = *after_fencing(state, {1}, only({2}), UncleanElection::forbidden);
  state = *after_fencing(state, {2}, only({}), UncleanElection::forbidden);
  EXPECT_EQ(state, partition({2}, -1, 3, 3));
  EXPECT_EQ(after_unfencing(state, only({0}), UncleanElection::forbidden), std::nullopt);
  EXPECT_EQ(after_unfencing(state, only({0, 2}), UncleanElection::forbidden), partition({2}, 2, 4, 4));
}

}  // namespace
}  // namespace acklab::broker
