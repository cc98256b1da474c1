// One fault on its way, by itself: no world, no time.
#include "broker/faults/armed_fault.h"

#include <gtest/gtest.h>

#include <string>

namespace acklab::broker {
namespace {

using protocol::Entry;
using protocol::ErrorCode;
using protocol::Event;
using protocol::NodeId;

constexpr NodeId leader = NodeId::broker({1});
constexpr protocol::Time now{std::chrono::seconds(7)};

// Broker 1 leads orders-0, brokers 0 and 2 follow.
Targets a_cluster() {
  Targets targets;
  for (const std::int32_t id : {0, 1, 2}) targets.observe({.event = Event::unfenced, .peer = NodeId::broker({id})}, "");
  targets.observe({.event = Event::elected, .topic = 1, .partition = 0, .epoch = {0}, .peer = leader, .brokers = {0b111}},
                  "orders");
  return targets;
}

Fault fault(Verb verb, const std::string& target = "") {
  Fault fault;
  fault.id = "f";
  fault.verb = verb;
  if (!target.empty()) fault.target = Target::parse(target).value();
  return fault;
}

Entry appended(std::int64_t records, NodeId node = leader) {
  return {.event = Event::appended, .topic = 1, .partition = 0, .count = records, .node = node};
}

TEST(ArmedFault, WithoutATriggerItIsDueWhenThePlanIsArmed) {
  ArmedFault one(fault(Verb::kill, "leader:orders-0"));
  EXPECT_EQ(one.state(), FaultState::waiting);

  EXPECT_TRUE(one.begins_after(""));
  one.act(ArmedFault::Effect::struck, now);

  EXPECT_EQ(one.state(), FaultState::done);
  EXPECT_EQ(one.fired(), 1);
  EXPECT_EQ(one.first_fired(), now);
}

TEST(ArmedFault, WhatStrikesNobodyHasNotFired) {
  ArmedFault one(fault(Verb::pause, "leader:orders-0"));
  ASSERT_TRUE(one.begins_after(""));

  one.act(ArmedFault::Effect::none, now);

  EXPECT_EQ(one.state(), FaultState::done);
  EXPECT_EQ(one.fired(), 0);
}

TEST(ArmedFault, CountsRecordsOfTheEventsThatItMeans) {
  const Targets targets = a_cluster();
  Fault plan = fault(Verb::kill, "leader:orders-0");
  plan.when.event = Event::appended;
  plan.when.at = Target::parse("leader:orders-0").value();
  plan.when.records = 10;
  ArmedFault one(plan);
  EXPECT_FALSE(one.counts(appended(100), "orders", targets)) << "nothing is counted before it begins";
  ASSERT_FALSE(one.begins_after(""));

  EXPECT_FALSE(one.counts(appended(9), "orders", targets));
  EXPECT_FALSE(one.counts(appended(9, NodeId::broker({0})), "orders", targets)) << "another node";
  EXPECT_FALSE(one.counts(appended(9), "refunds", targets)) << "another topic";
  EXPECT_TRUE(one.counts(appended(1), "orders", targets));
  EXPECT_FALSE(one.counts(appended(1), "orders", targets)) << "once";
}

TEST(ArmedFault, ACodeIsPartOfWhatItWaitsFor) {
  const Targets targets = a_cluster();
  Fault plan = fault(Verb::mark);
  plan.when.event = Event::refused;
  plan.when.code = ErrorCode::out_of_order_sequence_number;
  ArmedFault one(plan);
  static_cast<void>(one.begins_after(""));

  EXPECT_FALSE(one.counts({.event = Event::refused, .code = ErrorCode::not_enough_replicas}, "orders", targets));
  EXPECT_TRUE(one.counts({.event = Event::refused, .code = ErrorCode::out_of_order_sequence_number}, "orders", targets));
}

TEST(ArmedFault, MatchesTheNthRequestAndSoManyBehindIt) {
  const Targets targets = a_cluster();
  Fault plan = fault(Verb::drop_answer, "leader:orders-0");
  plan.request.nth = 2;
  plan.request.times = 2;
  ArmedFault one(plan);
  ASSERT_TRUE(one.begins_after(""));
  one.act(ArmedFault::Effect::struck, now);
  EXPECT_EQ(one.state(), FaultState::active);
  EXPECT_EQ(one.fired(), 0);
  const RequestSummary produce{.broker = {1}, .api_key = 0, .client = "p", .peer = {}, .partitions = {{"orders", 0}}};
  const RequestSummary fetch{.broker = {1}, .api_key = 1, .client = "p", .peer = {}, .partitions = {{"orders", 0}}};
  const RequestSummary elsewhere{.broker = {0}, .api_key = 0, .client = "p", .peer = {}, .partitions = {{"orders", 0}}};

  EXPECT_FALSE(one.strikes(produce, targets)) << "the first";
  EXPECT_FALSE(one.strikes(fetch, targets));
  EXPECT_FALSE(one.strikes(elsewhere, targets));
  for (int i = 0; i < 2; ++i) {
    EXPECT_TRUE(one.strikes(produce, targets));
    one.struck_request(now);
  }
  EXPECT_FALSE(one.strikes(produce, targets)) << "all have come";

  EXPECT_EQ(one.fired(), 2);
  EXPECT_EQ(one.state(), FaultState::done);
}

TEST(ArmedFault, WhatLastsIsInForceUntilItIsLifted) {
  for (const Verb verb : {Verb::pause, Verb::cut, Verb::stall, Verb::slow}) {
    ArmedFault one(fault(verb, "leader:orders-0"));
    ASSERT_TRUE(one.begins_after(""));
    one.act(ArmedFault::Effect::struck, now);

    EXPECT_EQ(one.state(), FaultState::active) << name(verb);
    one.disarm();
    EXPECT_EQ(one.state(), FaultState::active) << "to disarm is not to undo";
    one.lift();
    EXPECT_EQ(one.state(), FaultState::lifted);
  }
}

TEST(ArmedFault, OneThatSleepsIsNotWokenAfterItWasLifted) {
  Fault plan = fault(Verb::kill, "leader:orders-0");
  plan.when.delay = std::chrono::seconds(1);
  ArmedFault one(plan);
  ASSERT_TRUE(one.begins_after(""));
  ASSERT_TRUE(one.must_sleep());
  one.sleep();

  one.lift();

  EXPECT_FALSE(one.wakes());
  EXPECT_EQ(one.state(), FaultState::lifted);
}

TEST(Targets, AStrangerIsOneClientWithManyConnections) {
  Targets targets = a_cluster();
  const Target kcat = Target::parse("client:kcat").value();
  EXPECT_TRUE(targets.name_client("kcat", NodeId::stranger(1)));
  EXPECT_FALSE(targets.name_client("kcat", NodeId::stranger(1))) << "known already";
  EXPECT_TRUE(targets.name_client("kcat", NodeId::stranger(2)));

  EXPECT_EQ(targets.resolve(kcat).size(), 2U);
  EXPECT_FALSE(targets.strikes(fault(Verb::kill, "client:kcat"))) << "its process is not ours";
}

TEST(Targets, WhatStrangersMakeUsRememberIsBounded) {
  Targets targets;
  for (std::int32_t i = 0; i < 1000; ++i) targets.name_client("kcat", NodeId::stranger(i));
  for (std::int32_t i = 0; i < 5000; ++i) targets.name_client("client-" + std::to_string(i), NodeId::stranger(i));

  EXPECT_EQ(targets.resolve(Target::parse("client:kcat").value()).size(), Targets::max_connections_per_client);
  EXPECT_TRUE(targets.resolve(Target::parse("client:client-4999").value()).empty());
}

TEST(Targets, OneThatWouldChangeNothingDoesNotStrike) {
  Targets targets = a_cluster();
  EXPECT_TRUE(targets.strikes(fault(Verb::kill, "broker:0")));
  EXPECT_FALSE(targets.strikes(fault(Verb::restart, "broker:0"))) << "it lives";
  EXPECT_FALSE(targets.strikes(fault(Verb::resume, "broker:0"))) << "it does not stand still";
  targets.observe({.event = Event::paused, .node = NodeId::broker({0})}, "");
  EXPECT_FALSE(targets.strikes(fault(Verb::pause, "broker:0")));
  EXPECT_TRUE(targets.strikes(fault(Verb::resume, "paused")));
  targets.observe({.event = Event::killed, .node = NodeId::broker({0})}, "");
  EXPECT_FALSE(targets.strikes(fault(Verb::resume, "paused"))) << "the dead do not go on";
  EXPECT_FALSE(targets.strikes(fault(Verb::kill, "broker:0")));
  EXPECT_TRUE(targets.strikes(fault(Verb::restart, "killed")));
  EXPECT_FALSE(targets.strikes(fault(Verb::preferred_election, "partition:refunds-0"))) << "no such partition";
}

}  // namespace
}  // namespace acklab::broker
