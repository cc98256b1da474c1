#include "broker/partition/waiting.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace acklab::broker {
namespace {

using namespace std::chrono_literals;
using protocol::Time;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr PartitionKey orders_0{1, 0};
constexpr PartitionKey orders_1{1, 1};

TEST(WaitingRoom, NamesThoseWhoWatchAPartitionInTheOrderOfTheirArrival) {
  WaitingRoom<std::string> room;
  const auto first = room.enter("first", Time{9s}, {orders_0});
  const auto second = room.enter("second", Time{1s}, {orders_0, orders_1});

  EXPECT_THAT(room.watching(orders_0), ElementsAre(first, second));
  EXPECT_THAT(room.watching(orders_1), ElementsAre(second));
  EXPECT_THAT(room.watching({2, 0}), IsEmpty());
}

TEST(WaitingRoom, OneThatLeavesIsForgottenEverywhere) {
  WaitingRoom<std::string> room;
  const auto ticket = room.enter("guest", Time{1s}, {orders_0, orders_1});

  EXPECT_EQ(room.leave(ticket), "guest");

  EXPECT_EQ(room.find(ticket), nullptr);
  EXPECT_THAT(room.watching(orders_0), IsEmpty());
  EXPECT_THAT(room.watching(orders_1), IsEmpty());
  EXPECT_THAT(room.due(Time{1h}), IsEmpty());
  EXPECT_FALSE(room.next_deadline().has_value());
}

TEST(WaitingRoom, DeadlinesComeEarliestFirst) {
  WaitingRoom<std::string> room;
  const auto late = room.enter("late", Time{3s}, {orders_0});
  const auto soon = room.enter("soon", Time{1s}, {orders_0});
  const auto middle = room.enter("middle", Time{2s}, {});

  EXPECT_EQ(room.next_deadline(), Time{1s});
  EXPECT_THAT(room.due(Time{999ms}), IsEmpty());
  EXPECT_THAT(room.due(Time{2s}), ElementsAre(soon, middle));
  EXPECT_THAT(room.due(Time{3s}), ElementsAre(soon, middle, late));
}

}  // namespace
}  // namespace acklab::broker
