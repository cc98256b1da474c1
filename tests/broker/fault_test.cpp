#include "broker/faults/fault.h"

#include <gtest/gtest.h>

namespace acklab::broker {
namespace {

TEST(FaultTarget, ReadsBackWhatItPrints) {
  for (const char* text :
       {"broker:2", "controller", "leader:orders-0", "followers:my-topic.v2-17", "client:producer:1", "killed", "all"}) {
    const auto target = Target::parse(text);

    ASSERT_TRUE(target.has_value()) << text;
    EXPECT_EQ(to_string(*target), text);
  }
}

TEST(FaultTarget, APartitionIsDividedAtTheLastDash) {
  const auto target = Target::parse("leader:my-topic-3");

  ASSERT_TRUE(target.has_value());
  EXPECT_EQ(target->partition, (protocol::TopicPartition{"my-topic", 3}));
}

TEST(FaultTarget, WhatIsNoTargetIsRefusedWithALineThatQuotesIt) {
  for (const char* text : {"", "broker", "broker:", "broker:x", "broker:-1", "broker:1000", "leader", "leader:orders",
                           "leader:-0", "leader:orders-", "client:", "client", "killed:1", "all:", "controler", "link:1>2"}) {
    const auto target = Target::parse(text);

    ASSERT_FALSE(target.has_value()) << text;
    EXPECT_NE(target.error().find(std::string("\"") + text + "\""), std::string::npos) << target.error();
    EXPECT_EQ(target.error().find('\n'), std::string::npos);
  }
}

TEST(FaultVerb, EachHasANameOfItsOwnByWhichItIsFound) {
  for (int i = 0; i <= static_cast<int>(Verb::drop_answer); ++i) {
    const auto verb = static_cast<Verb>(i);

    EXPECT_EQ(verb_named(name(verb)), verb) << name(verb);
  }
  EXPECT_EQ(name(Verb::drop_after_append), "drop-after-append");
  EXPECT_FALSE(verb_named("explode").has_value());
}

}  // namespace
}  // namespace acklab::broker
