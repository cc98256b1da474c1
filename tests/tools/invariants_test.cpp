// What an observer of the journal calls broken, and what it excuses.
#include "tools/lab/invariants.h"

#include <gtest/gtest.h>

namespace acklab::lab {
namespace {

using protocol::BrokerSet;
using protocol::Entry;
using protocol::Event;
using protocol::NodeId;

constexpr BrokerSet all_three{.bits = 0b111};
constexpr BrokerSet first_two{.bits = 0b011};
constexpr BrokerSet only_first{.bits = 0b001};

// One partition of three replicas, min.insync.replicas=2. Broker 0 led in epoch 0, and 100 records are committed on all three; none of
// them is flushed.
class InvariantsTest : public testing::Test {
 protected:
  InvariantsTest() {
    invariants.set_min_insync_replicas("orders", 2);
    elect(0, 0, all_three);
    note({.event = Event::led, .epoch = {0}, .offset = {0}}, NodeId::broker({0}));
    note({.event = Event::appended, .epoch = {0}, .offset = {0}, .count = 100}, NodeId::broker({0}));
    for (const int broker : {1, 2}) {
      note({.event = Event::replicated, .epoch = {0}, .offset = {0}, .count = 100}, NodeId::broker({broker}));
    }
    note({.event = Event::high_watermark, .epoch = {0}, .offset = {100}, .count = 100}, NodeId::broker({0}));
  }

  void elect(int broker, int epoch, BrokerSet isr) {
    note({.event = Event::elected, .epoch = {epoch}, .peer = NodeId::broker({broker}), .brokers = isr}, NodeId::controller());
  }
  void change_isr(BrokerSet isr) {
    note({.event = Event::isr_changed, .epoch = {0}, .peer = NodeId::broker({0}), .brokers = isr}, NodeId::controller());
  }
  void propose_isr(BrokerSet isr) { note({.event = Event::isr_proposed, .epoch = {0}, .brokers = isr}, NodeId::broker({0})); }
  void append(int broker, int offset, int count) {
    note({.event = Event::appended, .epoch = {0}, .offset = {offset}, .count = count}, NodeId::broker({broker}));
  }
  // One record of one producer.
  void append_idempotent(int broker, int offset, int sequence, int epoch = 0) {
    note({.event = Event::appended,
          .epoch = {epoch},
          .offset = {offset},
          .count = 1,
          .producer = {7},
          .producer_epoch = {0},
          .sequence = {sequence}},
         NodeId::broker({broker}));
  }
  void replicate(int broker, int offset, int count) {
    note({.event = Event::replicated, .epoch = {0}, .offset = {offset}, .count = count}, NodeId::broker({broker}));
  }
  void move_high_watermark(int broker, int offset) {
    note({.event = Event::high_watermark, .epoch = {0}, .offset = {offset}}, NodeId::broker({broker}));
  }
  void truncate(int broker, int offset) {
    note({.event = Event::truncated, .epoch = {0}, .offset = {offset}}, NodeId::broker({broker}));
  }
  // One of three leaves the ISR, and then more is committed.
  void leave_behind_and_commit(int broker, int count) {
    change_isr(BrokerSet{.bits = all_three.bits & ~(std::uint64_t{1} << broker)});
    append(0, 100, count);
    for (const int other : {1, 2}) {
      if (other != broker) replicate(other, 100, count);
    }
    move_high_watermark(0, 100 + count);
  }
  void move_start(int broker, int offset) {
    note({.event = Event::start_moved, .cause = protocol::Cause::retention, .offset = {offset}}, NodeId::broker({broker}));
  }
  void compact(int broker, int below) {
    note({.event = Event::compacted, .offset = {below}, .count = 1}, NodeId::broker({broker}));
  }
  void lose_power(int broker) { invariants.observe({.event = Event::power_lost, .node = NodeId::broker({broker})}, ""); }
  void recover(int broker, int end) { note({.event = Event::recovered, .offset = {end}}, NodeId::broker({broker})); }
  void lose_power_and_return_empty(int broker) {
    lose_power(broker);
    recover(broker, 0);
  }
  void send_and_answer(NodeId client, std::uint64_t connection) {
    note({.event = Event::sent, .count = 1, .connection = connection, .correlation = 9}, client);
    note({.event = Event::answered, .count = 1, .connection = connection, .correlation = 9}, NodeId::broker({0}));
  }
  void lead_with_nothing(int broker, int epoch) {
    note({.event = Event::led, .epoch = {epoch}, .offset = {0}}, NodeId::broker({broker}));
  }

  void note(Entry entry, NodeId node) {
    entry.node = node;
    entry.topic = 1;
    entry.partition = 0;
    invariants.observe(entry, "orders");
  }

  Invariants invariants;
};

TEST_F(InvariantsTest, OneReplicaThatLostDataMustNotLeadWhileAnotherInSyncHasThem) {
  lose_power_and_return_empty(0);

  elect(0, 1, all_three);
  lead_with_nothing(0, 1);

  EXPECT_EQ(invariants.violations().size(), 1u);
}

TEST_F(InvariantsTest, TheLastReplicaInSyncMayLeadWithWhatItHasLeft) {
  change_isr(first_two);
  change_isr(only_first);
  lose_power_and_return_empty(0);

  elect(0, 1, only_first);
  lead_with_nothing(0, 1);

  EXPECT_TRUE(invariants.violations().empty());
}

TEST_F(InvariantsTest, ItMayAlsoHaveLostThemBeforeTheOthersWereFenced) {
  change_isr(first_two);
  lose_power_and_return_empty(0);
  change_isr(only_first);

  elect(0, 1, only_first);
  lead_with_nothing(0, 1);

  EXPECT_TRUE(invariants.violations().empty());
}

TEST_F(InvariantsTest, WhoLostDataAndJoinedAgainIsNotExcused) {
  lose_power_and_return_empty(1);
  change_isr(BrokerSet{.bits = 0b101});
  change_isr(all_three);
  change_isr(BrokerSet{.bits = 0b010});

  elect(1, 1, BrokerSet{.bits = 0b010});
  lead_with_nothing(1, 1);

  EXPECT_EQ(invariants.violations().size(), 2u);  // when it joined, and when it led
}

// --- The high watermark

TEST_F(InvariantsTest, ALeaderMustNotCommitWhatAReplicaInSyncHasNot) {
  append(0, 100, 10);
  replicate(1, 100, 10);

  move_high_watermark(0, 110);

  EXPECT_EQ(invariants.violations().size(), 1u);
}

TEST_F(InvariantsTest, ItMayCommitWithoutAReplicaThatLeftTheIsr) {
  append(0, 100, 10);
  replicate(1, 100, 10);
  change_isr(first_two);

  move_high_watermark(0, 110);

  EXPECT_TRUE(invariants.violations().empty());
}

TEST_F(InvariantsTest, AHighWatermarkMustNotGoBackWithinAnEpoch) {
  move_high_watermark(0, 90);

  EXPECT_EQ(invariants.violations().size(), 1u);
}

TEST_F(InvariantsTest, AFollowersHighWatermarkMustNotPassWhatIsCommitted) {
  append(0, 100, 10);
  replicate(1, 100, 10);

  move_high_watermark(1, 110);

  EXPECT_EQ(invariants.violations().size(), 1u);
}

TEST_F(InvariantsTest, AFollowersHighWatermarkMayFollow) {
  move_high_watermark(1, 100);

  EXPECT_TRUE(invariants.violations().empty());
}

// --- Joining the ISR

TEST_F(InvariantsTest, AFollowerMustNotBeProposedForTheIsrWithoutWhatIsCommitted) {
  leave_behind_and_commit(2, 10);

  propose_isr(all_three);

  EXPECT_EQ(invariants.violations().size(), 1u);
}

TEST_F(InvariantsTest, NorBeTakenIntoIt) {
  leave_behind_and_commit(2, 10);

  change_isr(all_three);

  EXPECT_EQ(invariants.violations().size(), 1u);
}

TEST_F(InvariantsTest, AFollowerThatHasWhatIsCommittedMayJoin) {
  leave_behind_and_commit(2, 10);
  replicate(2, 100, 10);
  append(0, 110, 5);

  propose_isr(all_three);
  change_isr(all_three);

  EXPECT_TRUE(invariants.violations().empty());
}

TEST_F(InvariantsTest, WhatADeposedLeaderProposesIsTheControllersToRefuse) {
  leave_behind_and_commit(2, 10);
  elect(1, 1, first_two);

  propose_isr(all_three);

  EXPECT_TRUE(invariants.violations().empty());
}

// --- Truncation

TEST_F(InvariantsTest, AReplicaMustNotCutOffWhatIsCommitted) {
  truncate(1, 99);

  EXPECT_EQ(invariants.violations().size(), 1u);
}

TEST_F(InvariantsTest, AReplicaMayCutOffWhatIsNot) {
  append(0, 100, 10);

  truncate(0, 100);

  EXPECT_TRUE(invariants.violations().empty());
}

TEST_F(InvariantsTest, AReplicaMayCutOffWhatAnotherLeaderCommittedOtherwise) {
  append(0, 100, 10);
  elect(1, 1, BrokerSet{.bits = 0b110});
  note({.event = Event::led, .epoch = {1}, .offset = {100}}, NodeId::broker({1}));
  note({.event = Event::appended, .epoch = {1}, .offset = {100}, .count = 10}, NodeId::broker({1}));
  note({.event = Event::replicated, .epoch = {1}, .offset = {100}, .count = 10}, NodeId::broker({2}));
  note({.event = Event::high_watermark, .epoch = {1}, .offset = {110}, .count = 10}, NodeId::broker({1}));

  truncate(0, 100);

  EXPECT_TRUE(invariants.violations().empty());
}

// --- Recovery

TEST_F(InvariantsTest, AKillMustLeaveAllThatWasWritten) {
  append(0, 100, 10);

  recover(0, 100);

  EXPECT_EQ(invariants.violations().size(), 1u);
}

TEST_F(InvariantsTest, AfterAPowerLossALogMustEndWhereABatchEnded) {
  append(0, 100, 10);
  lose_power(0);

  recover(0, 105);

  EXPECT_EQ(invariants.violations().size(), 1u);
}

TEST_F(InvariantsTest, AfterAPowerLossALogMayEndAtAnyBatchThatItHad) {
  append(0, 100, 10);
  append(0, 110, 10);
  truncate(0, 110);
  append(0, 110, 5);
  lose_power(0);

  recover(0, 110);

  EXPECT_TRUE(invariants.violations().empty());
}

// --- Idempotence

TEST_F(InvariantsTest, ALogMustNotHoldABatchTwice) {
  append_idempotent(0, 100, 0);

  append_idempotent(0, 101, 0);

  EXPECT_EQ(invariants.violations().size(), 1u);
}

TEST_F(InvariantsTest, NorWhenTheCopyCameFromAnotherLeader) {
  append_idempotent(0, 100, 0);
  replicate(1, 100, 1);
  elect(1, 1, first_two);

  append_idempotent(1, 101, 0, 1);

  EXPECT_EQ(invariants.violations().size(), 1u);
}

TEST_F(InvariantsTest, ABatchMayBeAppendedByALeaderThatNeverHadIt) {
  append_idempotent(0, 100, 0);
  elect(1, 1, first_two);

  append_idempotent(1, 100, 0, 1);
  truncate(0, 100);

  EXPECT_TRUE(invariants.violations().empty());
}

TEST_F(InvariantsTest, ABatchMayBeAppendedAgainWhenItsCopyWasCutOff) {
  append_idempotent(0, 100, 0);
  truncate(0, 100);

  append_idempotent(0, 100, 0);
  append_idempotent(0, 101, 1);

  EXPECT_TRUE(invariants.violations().empty());
}

// --- Answers

TEST_F(InvariantsTest, NobodyMustAnswerAProduceWithAcks0) {
  invariants.expect_no_answers(NodeId::client(3));

  send_and_answer(NodeId::client(3), 77);

  EXPECT_EQ(invariants.violations().size(), 1u);
}

TEST_F(InvariantsTest, OtherProducersMayBeAnswered) {
  invariants.expect_no_answers(NodeId::client(3));

  send_and_answer(NodeId::client(4), 78);

  EXPECT_TRUE(invariants.violations().empty());
}

// --- What a log lets go of

TEST_F(InvariantsTest, ALogMayBeginWhereAllBeforeIsCommitted) {
  move_start(0, 100);

  EXPECT_TRUE(invariants.violations().empty());
}

TEST_F(InvariantsTest, NoLogMayBeginAboveWhatIsCommitted) {
  append(0, 100, 10);

  move_start(0, 110);

  EXPECT_EQ(invariants.violations().size(), 1u);
}

TEST_F(InvariantsTest, AReplicaThatBeganAnewWhereItsLeaderDoesMayJoinAndLead) {
  leave_behind_and_commit(2, 10);
  move_start(0, 110);
  append(0, 110, 5);

  move_start(2, 110);  // it had 100 records
  replicate(2, 110, 5);
  change_isr(all_three);
  replicate(1, 110, 5);
  move_high_watermark(0, 115);
  note({.event = Event::led, .epoch = {1}, .offset = {115}}, NodeId::broker({2}));

  EXPECT_TRUE(invariants.violations().empty()) << invariants.violations().front().what;
}

TEST_F(InvariantsTest, WhatACleaningWentOverMayHaveGaps) {
  leave_behind_and_commit(2, 10);
  compact(0, 110);

  replicate(2, 104, 6);
  change_isr(all_three);

  EXPECT_TRUE(invariants.violations().empty()) << invariants.violations().front().what;
}

TEST_F(InvariantsTest, WhatLiesAboveACleaningMayNot) {
  leave_behind_and_commit(2, 10);
  compact(0, 102);

  replicate(2, 104, 6);
  change_isr(all_three);

  EXPECT_EQ(invariants.violations().size(), 1u);
}

TEST_F(InvariantsTest, ATopicThatIsMadeAnewUnderAnOldNameOwesNothingToTheOldOne) {
  note({.event = Event::topic_deleted}, NodeId::controller());
  move_high_watermark(1, 100);  // a broker that has not heard of it
  for (const int broker : {0, 1, 2}) recover(broker, 0);
  elect(1, 0, all_three);
  lead_with_nothing(1, 0);
  append(1, 0, 10);

  EXPECT_TRUE(invariants.violations().empty()) << invariants.violations().front().what;
}

TEST_F(InvariantsTest, OnlyTheFirstViolationsAreKept) {
  for (std::size_t i = 0; i < 2 * Invariants::max_violations; ++i) {
    move_high_watermark(0, 90);
    move_high_watermark(0, 100);
  }

  EXPECT_EQ(invariants.violations().size(), Invariants::max_violations);
}

TEST_F(InvariantsTest, AnUncleanElectionEndsThePromiseOfItsPartition) {
  leave_behind_and_commit(2, 10);

  note({.event = Event::elected,
        .code = protocol::ErrorCode::eligible_leaders_not_available,
        .epoch = {1},
        .peer = NodeId::broker({2}),
        .brokers = {.bits = 0b100}},
       NodeId::controller());
  note({.event = Event::led, .epoch = {1}, .offset = {100}}, NodeId::broker({2}));
  truncate(0, 100);

  EXPECT_TRUE(invariants.violations().empty()) << invariants.violations().front().what;
}

}  // namespace
}  // namespace acklab::lab
