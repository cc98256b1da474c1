#include "broker/faults/fault.h"

#include <gtest/gtest.h>

namespace acklab::broker {
namespace {

TEST(FaultTarget, ReadsBackWhatItPrints) {
  for (const char* text : {"broker:2", "controller", "leader:orders-0", "followers:my-topic.v2-17", "client:producer:1",
                           "partition:orders-0", "killed", "paused", "all"}) {
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

TEST(FaultLink, HasTwoEndsAndADirection) {
  struct Case {
    const char* text;
    const char* from;
    const char* to;
    bool one_way;
  };
  for (const Case& c : {Case{"link:1>2", "broker:1", "broker:2", true}, Case{"link:1<>2", "broker:1", "broker:2", false},
                        Case{"link:leader:orders-0<>followers:orders-0", "leader:orders-0", "followers:orders-0", false},
                        Case{"link:client:kcat>controller", "client:kcat", "controller", true}}) {
    const auto link = LinkTarget::parse(c.text);

    ASSERT_TRUE(link.has_value()) << link.error();
    EXPECT_EQ(to_string(link->from), c.from);
    EXPECT_EQ(to_string(link->to), c.to);
    EXPECT_EQ(link->one_way, c.one_way);
    EXPECT_EQ(LinkTarget::parse(to_string(*link)).value(), *link);
  }
}

TEST(FaultLink, WhatIsNoLinkIsRefusedWithALineThatQuotesIt) {
  for (const char* text :
       {"", "1>2", "link:", "link:1", "link:1>", "link:>2", "link:<>2", "link:x>2", "link:1>partition:orders-0"}) {
    const auto link = LinkTarget::parse(text);

    ASSERT_FALSE(link.has_value()) << text;
    EXPECT_NE(link.error().find(std::string("\"") + text + "\""), std::string::npos) << link.error();
  }
}

TEST(FaultVerb, EachHasANameOfItsOwnByWhichItIsFound) {
  for (const std::string_view each : verb_names()) {
    const auto verb = verb_named(each);

    ASSERT_TRUE(verb.has_value()) << each;
    EXPECT_EQ(name(*verb), each);
  }
  EXPECT_EQ(name(Verb::drop_after_append), "drop-after-append");
  EXPECT_FALSE(verb_named("explode").has_value());
}

}  // namespace
}  // namespace acklab::broker
