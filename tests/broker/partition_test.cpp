// What a partition decides by itself; above all, what it assumes while a proposal for its ISR is open.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/broker/a_partition.h"

namespace acklab::broker {
namespace {

using protocol::Acks;
using protocol::Entry;
using protocol::ErrorCode;
using protocol::Event;
using testing::ElementsAre;

TEST_F(APartition, CommitsWhatEveryInSyncReplicaHasFetched) {
  decide();
  append(3);
  EXPECT_EQ(high_watermark(), 0);

  fetch(second, 3);
  EXPECT_EQ(high_watermark(), 0) << "the third has not asked yet";
  fetch(third, 2);
  EXPECT_EQ(high_watermark(), 2);
}

TEST_F(APartition, TellsAFollowerOfAHighWatermarkOnlyWithItsNextFetch) {
  decide();
  append(1);
  fetch(second, 1);

  EXPECT_EQ(fetch(third, 1).high_watermark.value, 0);
  EXPECT_EQ(fetch(third, 1).high_watermark.value, 1);
}

TEST_F(APartition, WaitsForAShrinkToBeConfirmedBeforeItForgetsTheReplica) {
  decide();
  leave_behind(third);
  const auto proposal = partition->take_proposal();
  ASSERT_TRUE(proposal.has_value());
  EXPECT_THAT(proposal->isr, ElementsAre(self, second));
  EXPECT_EQ(high_watermark(), 0) << "it may still count";

  EXPECT_TRUE(partition->proposal_answered(*proposal, ErrorCode::none, answered({self, second}, 10)));

  EXPECT_EQ(high_watermark(), 1);
  EXPECT_TRUE(partition->take_progress());
}

TEST_F(APartition, CountsAReplicaThatMayHaveJoinedAlready) {
  state.isr = {self, second};
  decide();
  fetch(third, 0);
  const auto proposal = partition->take_proposal();
  ASSERT_TRUE(proposal.has_value());
  EXPECT_THAT(proposal->isr, ElementsAre(self, second, third));

  append(1);
  fetch(second, 1);

  EXPECT_EQ(high_watermark(), 0);
  EXPECT_EQ(partition->replication_status().maximal_isr, 3U);
}

TEST_F(APartition, KeepsAProposalOpenUnlessTheControllerSaysThatItRefused) {
  struct Case {
    ErrorCode code;
    bool known;       // need not be asked again
    bool still_open;  // the worse is assumed
  };
  const Case cases[] = {
      {ErrorCode::ineligible_replica, true, false},    {ErrorCode::operation_not_attempted, true, false},
      {ErrorCode::invalid_update_version, true, true}, {ErrorCode::fenced_leader_epoch, true, true},
      {ErrorCode::new_leader_elected, true, true},     {ErrorCode::unknown_topic_or_partition, true, true},
      {ErrorCode::unknown_server_error, false, true},  {ErrorCode::not_controller, false, true},
  };
  for (const Case& c : cases) {
    state.isr = {self, second};
    state.partition_epoch = state.partition_epoch.next();
    decide();
    fetch(third, 0);
    const auto proposal = partition->take_proposal();
    ASSERT_TRUE(proposal.has_value());

    EXPECT_EQ(partition->proposal_answered(*proposal, c.code, {}), c.known) << name(c.code);
    EXPECT_EQ(partition->isr().proposed().has_value(), c.still_open) << name(c.code);
  }
}

TEST_F(APartition, AnAnswerToAProposalOfThePastChangesNothing) {
  state.isr = {self, second};
  decide();
  fetch(third, 0);
  const auto proposal = partition->take_proposal();
  ASSERT_TRUE(proposal.has_value());
  state.isr = {self};
  state.partition_epoch = {10};
  decide();

  EXPECT_FALSE(partition->still_wanted(*proposal));
  EXPECT_TRUE(partition->proposal_answered(*proposal, ErrorCode::none, answered({self, second, third}, 10)));

  EXPECT_THAT(partition->isr().committed(), ElementsAre(self));
}

TEST_F(APartition, IgnoresWhatTheControllerDecidedBeforeWhatItKnows) {
  decide();
  state.isr = {self};
  state.partition_epoch = {8};
  decide();

  EXPECT_EQ(partition->isr().committed().size(), 3U);
}

TEST_F(APartition, LetsNobodyJoinThatIsFencedOrBehindTheStartOfTheEpoch) {
  state.isr = {self};
  decide();
  append(4);  // committed at once: the leader is alone
  EXPECT_EQ(high_watermark(), 4);
  state.leader_epoch = {6};
  state.partition_epoch = {10};
  decide();
  append(1);
  const auto fetch_in_6 = [&](std::int64_t from) {
    partition->read({.reader = {.replica = third}, .from = {from}, .current_leader_epoch = {6}, .max_bytes = 1});
    return partition->take_proposal().has_value();
  };

  EXPECT_FALSE(fetch_in_6(3));
  image.brokers[third].fenced = true;
  EXPECT_FALSE(fetch_in_6(5));
  image.brokers[third].fenced = false;
  EXPECT_TRUE(fetch_in_6(5));
}

// A Fetch may be on its way while its sender dies, loses its log and registers anew: what it says of the log is not true any more.
TEST_F(APartition, AFetchOfAnIncarnationThatIsOverBringsNobodyIntoTheIsr) {
  state.isr = {self, second};
  image.brokers[third].epoch = {20};
  decide();
  const auto fetch_as = [&](std::int64_t incarnation) {
    const Reader reader{.replica = third, .incarnation = {incarnation}};
    return partition->read({.reader = reader, .from = {0}, .current_leader_epoch = {5}}).code;
  };

  EXPECT_EQ(fetch_as(19), ErrorCode::not_leader_or_follower);
  EXPECT_FALSE(partition->take_proposal().has_value());
  EXPECT_EQ(fetch_as(21), ErrorCode::none) << "the metadata may be late";
  EXPECT_FALSE(partition->take_proposal().has_value()) << "nobody knows yet whether it is usable";
  EXPECT_EQ(fetch_as(20), ErrorCode::none);
  EXPECT_TRUE(partition->take_proposal().has_value());
}

// A Fetch that waited is read again when there is news. Meanwhile its sender may have cut its log and fetched from further below.
TEST_F(APartition, LearnsNothingFromAFetchThatIsReadAgain) {
  state.isr = {self, second};
  decide();
  append(2);
  fetch(second, 2);
  fetch(third, 0);
  partition->take_proposal();
  ReadRequest waited{.reader = {.replica = third}, .from = {2}, .current_leader_epoch = {5}, .max_bytes = 1};
  waited.tells_progress = false;

  EXPECT_EQ(partition->read(waited).code, ErrorCode::none);
  EXPECT_FALSE(partition->take_proposal().has_value());
  fetch(third, 2);
  EXPECT_TRUE(partition->take_proposal().has_value());
}

// Else a follower that lost its log between the two would be let in for what it had before.
TEST_F(APartition, AProposalNamesTheIncarnationItWasMadeForHoweverOftenItIsSent) {
  state.isr = {self, second};
  image.brokers[third].epoch = {20};
  decide();
  const auto fetch_as = [&](std::int64_t incarnation) {
    const Reader reader{.replica = third, .incarnation = {incarnation}};
    return partition->read({.reader = reader, .from = {0}, .current_leader_epoch = {5}}).code;
  };
  EXPECT_EQ(fetch_as(20), ErrorCode::none);
  const auto proposal = partition->take_proposal();
  ASSERT_TRUE(proposal.has_value());
  image.brokers[third].epoch = {21};
  EXPECT_EQ(fetch_as(21), ErrorCode::none);

  ASSERT_TRUE(partition->still_wanted(*proposal));
  const auto at = std::find(proposal->isr.begin(), proposal->isr.end(), third) - proposal->isr.begin();
  EXPECT_EQ(proposal->incarnations.at(static_cast<std::size_t>(at)), BrokerEpoch{20});
}

TEST_F(APartition, RefusesByLeadershipAndByTheSizeOfTheIsrBeforeAnythingElse) {
  config.min_insync_replicas = 2;
  state.isr = {self};
  decide();
  EXPECT_EQ(append(1, Acks::all).error(), ErrorCode::not_enough_replicas);
  EXPECT_TRUE(append(1, Acks::leader).has_value());

  state.leader = second;
  state.leader_epoch = {6};
  state.partition_epoch = {10};
  decide();
  EXPECT_EQ(append(1, Acks::leader).error(), ErrorCode::not_leader_or_follower);
  EXPECT_FALSE(partition->replication_status().leads);
}

TEST_F(APartition, FencesReadersOfAnotherEpoch) {
  decide();
  const auto code_in = [&](std::int32_t epoch) {
    return partition->read({.reader = {}, .from = {0}, .current_leader_epoch = {epoch}}).code;
  };

  EXPECT_EQ(code_in(4), ErrorCode::fenced_leader_epoch);
  EXPECT_EQ(code_in(5), ErrorCode::none);
  EXPECT_EQ(code_in(6), ErrorCode::unknown_leader_epoch);
  EXPECT_EQ(code_in(-1), ErrorCode::none) << "not checked";
}

TEST_F(APartition, TellsAFollowerWhereTheirHistoriesPart) {
  decide();
  append(3);
  const auto answer = partition->read(
      {.reader = {.replica = second}, .from = {7}, .current_leader_epoch = {5}, .last_fetched_epoch = {3}, .max_bytes = 1 << 20});

  EXPECT_EQ(answer.code, ErrorCode::none);
  ASSERT_TRUE(answer.diverging.has_value());
  EXPECT_EQ(answer.diverging->end.value, 0);
  EXPECT_TRUE(answer.records.empty());
}

TEST_F(APartition, ANewLeaderDoesNotTellOfAnEndThatMightMoveBack) {
  state.leader = second;
  decide();
  const auto batch = *protocol::RecordBatch::first(batch_of({"a", "b"}));
  protocol::Bytes bytes(protocol::leader_prefix(batch.header(), {0}, {5}));
  bytes.append(batch.bytes().from(bytes.size()));
  EXPECT_EQ(partition->replicate(bytes.flatten(), {.start = {0}, .high_watermark = {0}}, {5}), ErrorCode::none);
  state.leader = self;
  state.leader_epoch = {6};
  state.partition_epoch = {10};
  decide();

  EXPECT_EQ(partition->latest({}, {}).error(), ErrorCode::offset_not_available);
  EXPECT_EQ(partition->latest({.replica = third}, {})->offset.value, 2);
  EXPECT_EQ(partition->at_time(0, {}, {}).error(), ErrorCode::offset_not_available);
  EXPECT_EQ(partition->earliest({})->offset.value, 0);
}

TEST_F(APartition, AFollowerBelievesNoBatchThatDoesNotFit) {
  state.leader = second;
  decide();
  const auto numbered = [](std::int64_t base, bool broken, const std::vector<std::string>& values = {"a"}) {
    const auto batch = *protocol::RecordBatch::first(batch_of(values));
    protocol::Bytes bytes(protocol::leader_prefix(batch.header(), {base}, {5}));
    bytes.append(batch.bytes().from(bytes.size()));
    const protocol::Slice whole = bytes.flatten();
    std::vector<std::byte> copy(whole.view().begin(), whole.view().end());
    if (broken) copy.back() ^= std::byte{1};
    return protocol::Slice::copy_of(copy);
  };

  const Partition::LeaderLog leader{.start = {0}, .high_watermark = {9}};

  EXPECT_EQ(partition->replicate(numbered(0, true), leader, {5}), ErrorCode::corrupt_message);
  EXPECT_EQ(partition->replicate(numbered(0, false), leader, {4}), ErrorCode::none);
  EXPECT_EQ(partition->replica().end().value, 0) << "of an epoch that is over";
  EXPECT_EQ(partition->replicate(numbered(0, false), leader, {5}), ErrorCode::none);
  EXPECT_EQ(partition->replica().end().value, 1);
  EXPECT_EQ(high_watermark(), 1) << "never beyond its own end";
  EXPECT_EQ(partition->replicate(numbered(0, false, {"a", "b"}), leader, {5}), ErrorCode::corrupt_message) << "an overlap";
  EXPECT_EQ(partition->replicate(numbered(4, false), leader, {5}), ErrorCode::none) << "compaction leaves gaps";
  EXPECT_EQ(partition->replica().end().value, 5);
}

TEST_F(APartition, DeletesRecordsUpToItsHighWatermark) {
  decide();
  append(3);
  EXPECT_EQ(partition->delete_records_before({1}), ErrorCode::offset_out_of_range) << "nothing is committed yet";
  fetch(second, 2);
  fetch(third, 2);

  EXPECT_EQ(partition->delete_records_before({3}), ErrorCode::offset_out_of_range);
  EXPECT_EQ(partition->delete_records_before({2}), ErrorCode::none);

  EXPECT_EQ(partition->earliest({})->offset.value, 2);
  EXPECT_EQ(partition->read({.reader = {}, .from = {1}, .max_bytes = 1 << 20}).code, ErrorCode::offset_out_of_range);
}

TEST_F(APartition, AFollowerDeletesWhatItsLeaderHasDeleted) {
  state.leader = second;
  decide();
  const auto batch = *protocol::RecordBatch::first(batch_of({"a", "b"}));

  EXPECT_EQ(partition->replicate(batch.bytes(), {.start = {1}, .high_watermark = {2}}, {5}), ErrorCode::none);

  EXPECT_EQ(partition->replica().start().value, 1);
}

// The one that its owner began with may have been deleted, and this be another of its name.
TEST_F(APartition, WhatNobodyBeganToCleanIsAbandoned) {
  decide();

  EXPECT_EQ(partition->clean(100)->progress, storage::LogCleaner::Progress::abandoned);
}

TEST_F(APartition, ForgetsItsCleaningWhenThatIsDone) {
  config.segment_bytes = 100;
  state.replicas = state.isr = {self};
  decide();
  for (int i = 0; i < 5; ++i) append(1);
  const auto plan = partition->replica().cleaning_due(std::nullopt, {.min_cleanable_dirty_ratio = 0});
  ASSERT_TRUE(plan.has_value());
  partition->begin_cleaning(*plan, {}, 1 << 20);

  Replica::Cleaned cleaned;
  while ((cleaned = *partition->clean(100)).progress == storage::LogCleaner::Progress::going_on) {
  }

  EXPECT_EQ(cleaned.progress, storage::LogCleaner::Progress::done);
  EXPECT_EQ(cleaned.to, plan->upper);
  EXPECT_EQ(partition->clean(100)->progress, storage::LogCleaner::Progress::abandoned) << "it would hold the keys for ever";
}

}  // namespace
}  // namespace acklab::broker
