#include "broker/partition/isr.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace acklab::broker {
namespace {

using namespace std::chrono_literals;
using protocol::BrokerId;
using protocol::ErrorCode;
using protocol::Offset;
using protocol::Time;
using testing::ElementsAre;

constexpr Time at(std::chrono::milliseconds since_start) { return Time{since_start}; }
constexpr protocol::Duration lag_max = 30s;

TEST(HighWatermark, IsTheSmallestLogEndAmongTheMaximalIsr) {
  struct Case {
    const char* what;
    std::int64_t current, leader_end;
    std::vector<FollowerView> followers;
    std::int64_t expected;
  };
  const FollowerView in_sync_at_7{{7}, true, false};
  const FollowerView in_sync_at_9{{9}, true, false};
  const FollowerView outside_at_3{{3}, false, false};
  const FollowerView joining_at_6{{6}, false, true};
  const FollowerView silent{{-1}, true, false};
  const Case cases[] = {
      {"a leader alone commits what it has", 0, 10, {}, 10},
      {"the slowest in-sync follower decides", 0, 10, {in_sync_at_9, in_sync_at_7}, 7},
      {"a follower outside the ISR does not count", 0, 10, {in_sync_at_9, outside_at_3}, 9},
      {"one that is about to join is not left behind", 0, 10, {in_sync_at_9, joining_at_6}, 6},
      {"it never moves back", 8, 10, {in_sync_at_7}, 8},
      {"an in-sync follower that has not fetched yet holds it", 4, 10, {in_sync_at_9, silent}, 4},
  };

  for (const Case& c : cases) {
    EXPECT_EQ(high_watermark({c.current}, {c.leader_end}, c.followers), Offset{c.expected}) << c.what;
  }
}

TEST(FollowerProgress, AFollowerAtTheEndIsCaughtUpHoweverLongAgoItFetched) {
  const FollowerProgress follower = fetched({}, {10}, {10}, at(0ms));

  EXPECT_TRUE(caught_up(follower, {10}, at(1h), lag_max));
  EXPECT_TRUE(caught_up(follower, {11}, at(30s), lag_max));
  EXPECT_FALSE(caught_up(follower, {11}, at(30s + 1ms), lag_max));
}

TEST(FollowerProgress, UnderLoadItWasCaughtUpWhenItReachesTheEndOfItsPreviousFetch) {
  FollowerProgress follower = fetched({}, {10}, {10}, at(0ms));

  follower = fetched(follower, {10}, {20}, at(10s));  // behind now, but has all of the time before
  EXPECT_EQ(follower.caught_up, at(0ms));
  follower = fetched(follower, {20}, {40}, at(20s));  // has what the leader had at 10 s
  EXPECT_EQ(follower.caught_up, at(10s));
  follower = fetched(follower, {30}, {60}, at(25s));  // has not what the leader had at 20 s
  EXPECT_EQ(follower.caught_up, at(10s));
}

TEST(FollowerProgress, OneThatNeverWasCaughtUpIsNotEvenAtTheBeginningOfTheWorld) {
  const FollowerProgress stranger = fetched({}, {3}, {10}, at(1ms));

  EXPECT_FALSE(caught_up(stranger, {10}, at(1ms), lag_max));
}

TEST(FollowerProgress, AtTheStartOfAnEpochTheIsrHasTheBenefitOfTheDoubtAndNobodyElse) {
  EXPECT_TRUE(caught_up(at_epoch_start(true, at(5s)), {10}, at(35s), lag_max));
  EXPECT_FALSE(caught_up(at_epoch_start(true, at(5s)), {10}, at(35s + 1ms), lag_max));
  EXPECT_FALSE(caught_up(at_epoch_start(false, at(5s)), {10}, at(5s), lag_max));
}

TEST(IsrState, APendingExpansionCountsAsAppliedAndAPendingShrinkAsNot) {
  IsrState isr;
  isr.commit({{2}, {0}});

  isr.propose({{0}, {1}, {2}});
  EXPECT_TRUE(isr.in_maximal({1}));
  EXPECT_FALSE(isr.in_committed({1}));
  EXPECT_EQ(isr.maximal_size(), 3U);

  isr.withdraw();
  EXPECT_FALSE(isr.in_maximal({1}));

  isr.propose({{0}});
  EXPECT_TRUE(isr.in_maximal({2}));
  EXPECT_EQ(isr.maximal_size(), 2U);

  isr.commit({{0}});
  EXPECT_FALSE(isr.proposed().has_value());
  EXPECT_THAT(isr.committed(), ElementsAre(BrokerId{0}));
}

TEST(IsrState, MembersAreKeptSortedWhoeverJoinsOrLeaves) {
  const std::vector<BrokerId> leaving = {{0}, {2}};

  EXPECT_THAT(with({{0}, {3}}, {1}), ElementsAre(BrokerId{0}, BrokerId{1}, BrokerId{3}));
  EXPECT_THAT(without({{0}, {1}, {2}, {3}}, leaving), ElementsAre(BrokerId{1}, BrokerId{3}));
}

TEST(IsrJoin, NeedsTheHighWatermarkAndByTheNewerRuleTheStartOfTheEpoch) {
  struct Case {
    std::int64_t log_end, high_watermark;
    std::optional<Offset> epoch_start;
    bool expected;
  };
  const Case cases[] = {
      {9, 10, Offset{5}, false},  {10, 10, Offset{5}, true},    {10, 10, Offset{12}, false},
      {12, 10, Offset{12}, true}, {10, 10, std::nullopt, true}, {-1, 0, std::nullopt, false},
  };

  for (const Case& c : cases) {
    EXPECT_EQ(has_enough_to_join({c.log_end}, {c.high_watermark}, c.epoch_start), c.expected)
        << c.log_end << " " << c.high_watermark << " " << (c.epoch_start ? c.epoch_start->value : -1);
  }
}

TEST(MinIsr, CannotAskForMoreReplicasThanThereAre) {
  EXPECT_EQ(effective_min_isr(2, 3), 2);
  EXPECT_EQ(effective_min_isr(2, 1), 1);
}

TEST(ReplicationOutcome, FollowsLeadershipThenHighWatermarkThenTheSizeOfTheIsr) {
  struct Case {
    const char* what;
    ReplicationStatus status;
    std::optional<ErrorCode> expected;
  };
  const Case cases[] = {
      {"leadership lost", {false, {100}, 3, 1}, ErrorCode::not_leader_or_follower},
      {"not yet replicated", {true, {9}, 3, 1}, std::nullopt},
      {"not yet replicated and too few", {true, {9}, 1, 2}, std::nullopt},
      {"replicated", {true, {10}, 2, 2}, ErrorCode::none},
      {"replicated to too few", {true, {10}, 1, 2}, ErrorCode::not_enough_replicas_after_append},
  };

  for (const Case& c : cases) EXPECT_EQ(replication_outcome({10}, c.status), c.expected) << c.what;
}

}  // namespace
}  // namespace acklab::broker
