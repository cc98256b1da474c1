// When an observer of the journal may say that a cluster has come to rest.
#include "tools/lab/convergence.h"

#include <gtest/gtest.h>

namespace acklab::lab {
namespace {

using protocol::BrokerSet;
using protocol::Entry;
using protocol::Event;
using protocol::NodeId;

constexpr BrokerSet all_three{.bits = 0b111};
constexpr BrokerSet without_first{.bits = 0b110};

// One partition of three replicas, and what the nodes note of it.
class ConvergenceTest : public testing::Test {
 protected:
  ConvergenceTest() { convergence.expect("orders", 1, 3); }

  void elect(int broker, int epoch, BrokerSet isr) {
    note({.event = Event::elected, .epoch = {epoch}, .peer = NodeId::broker({broker}), .brokers = isr}, NodeId::controller());
  }
  void lead(int broker, int epoch, std::int64_t end, std::int64_t uncommitted) {
    note({.event = Event::led, .epoch = {epoch}, .offset = {end}, .count = uncommitted}, NodeId::broker({broker}));
  }
  void commit(int broker, int epoch, std::int64_t offset) {
    note({.event = Event::high_watermark, .epoch = {epoch}, .offset = {offset}}, NodeId::broker({broker}));
  }

  Convergence convergence{3};

 private:
  void note(Entry entry, NodeId node) {
    entry.node = node;
    entry.topic = 1;
    entry.partition = 0;
    convergence.observe(entry, "orders");
  }
};

TEST_F(ConvergenceTest, ALeaderThatTakesOverACommittedLogIsAtRest) {
  elect(1, 4, all_three);

  lead(1, 4, 500, 0);

  EXPECT_TRUE(convergence.reached());
}

TEST_F(ConvergenceTest, WhatALeaderTookOverUncommittedKeepsItFromRest) {
  elect(1, 4, all_three);

  lead(1, 4, 500, 20);
  const bool before = convergence.reached();
  commit(1, 4, 500);

  EXPECT_FALSE(before);
  EXPECT_TRUE(convergence.reached());
}

TEST_F(ConvergenceTest, AMissingInSyncReplicaKeepsThePartitionFromRest) {
  elect(1, 4, without_first);

  lead(1, 4, 500, 0);

  EXPECT_FALSE(convergence.reached());
}

}  // namespace
}  // namespace acklab::lab
