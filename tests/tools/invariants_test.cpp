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
  void lose_power_and_return_empty(int broker) {
    invariants.observe({.event = Event::power_lost, .node = NodeId::broker({broker})}, "");
    note({.event = Event::recovered, .offset = {0}, .count = 1000}, NodeId::broker({broker}));
  }
  void lead_with_nothing(int broker, int epoch) {
    note({.event = Event::led, .epoch = {epoch}, .offset = {0}}, NodeId::broker({broker}));
  }

  Invariants invariants;

 private:
  void note(Entry entry, NodeId node) {
    entry.node = node;
    entry.topic = 1;
    entry.partition = 0;
    invariants.observe(entry, "orders");
  }
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

  EXPECT_EQ(invariants.violations().size(), 1u);
}

}  // namespace
}  // namespace acklab::lab
