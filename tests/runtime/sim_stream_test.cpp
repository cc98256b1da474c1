#include "protocol/runtime/sim_stream.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace acklab::protocol {
namespace {

using namespace std::chrono_literals;

constexpr Time at(Duration since_start) { return Time(since_start); }

class SimStreamTest : public testing::Test {
 protected:
  SimStreamTest() : link{{.latency = 1ms, .jitter = Duration::zero(), .bytes_per_second = 0}, Random(1)}, stream(link, 10) {
    stream.open();
  }

  void send(std::string_view words, Time when = at(0ms)) {
    stream.queue({SegmentKind::data, Slice::copy_of(words), when, {}});
    stream.pump(at(0ms));
  }
  std::string arrive() { return std::string(stream.arrive().bytes.text()); }

  SimLink link;
  SimStream stream;
};

TEST_F(SimStreamTest, TheNetworkTakesNoMoreThanTheWindow) {
  send("12345678");
  send("90abcd");

  EXPECT_EQ(stream.unsent(), 4U);
  EXPECT_EQ(arrive(), "12345678");
  EXPECT_EQ(arrive(), "90");
  EXPECT_FALSE(stream.any_in_flight());

  stream.pump(at(1ms));
  EXPECT_FALSE(stream.any_in_flight());  // nothing was consumed yet

  stream.consumed(8);
  stream.pump(at(1ms));
  EXPECT_EQ(stream.unsent(), 0U);
  EXPECT_EQ(arrive(), "abcd");
}

TEST_F(SimStreamTest, NothingFlowsBeforeItIsOpen) {
  SimStream closed(link, 10);
  closed.queue({SegmentKind::data, Slice::copy_of("early"), at(0ms), {}});
  closed.pump(at(0ms));
  EXPECT_EQ(closed.unsent(), 5U);

  closed.open();
  closed.pump(at(5ms));

  EXPECT_EQ(closed.unsent(), 0U);
  EXPECT_EQ(closed.next_arrival(), at(6ms));
}

TEST_F(SimStreamTest, LaterBytesNeverArriveEarlier) {
  link.shape = {.latency = 1ms, .jitter = 10ms, .bytes_per_second = 0};
  SimStream wide(link, 1000);
  wide.open();
  for (int i = 0; i < 100; ++i) wide.queue({SegmentKind::data, Slice::copy_of("x"), at(0ms), {}});
  wide.pump(at(0ms));

  Time previous = at(0ms);
  while (wide.any_in_flight()) {
    EXPECT_GE(wide.next_arrival(), previous);
    previous = wide.next_arrival();
    wide.arrive();
  }
  EXPECT_LE(previous, at(11ms));
}

TEST_F(SimStreamTest, ACutHoldsAllAndAStallAllButTheAnswerToAConnect) {
  stream.queue({SegmentKind::opened, {}, at(0ms), {}});
  send("data");

  link.cut = true;
  EXPECT_TRUE(stream.held());
  link.cut = false;
  link.stalled = true;
  EXPECT_FALSE(stream.held());
  stream.arrive();
  EXPECT_TRUE(stream.held());
}

TEST_F(SimStreamTest, WhatWaitedForAHealTravelsAgainInItsOrder) {
  send("a");
  send("b");

  stream.resend(at(50ms));

  EXPECT_EQ(stream.next_arrival(), at(51ms));
  EXPECT_EQ(arrive(), "a");
  EXPECT_EQ(stream.next_arrival(), at(51ms));
  EXPECT_EQ(arrive(), "b");
}

TEST_F(SimStreamTest, WhatABusySenderWouldHaveSentLaterCanBeWithdrawn) {
  send("now", at(0ms));
  send("later", at(10ms));
  send("too much for the window", at(10ms));
  stream.queue({SegmentKind::end, {}, at(10ms), {}});

  EXPECT_TRUE(stream.withdraw_after(at(5ms)));

  EXPECT_EQ(stream.unsent(), 0U);
  EXPECT_EQ(arrive(), "now");
  EXPECT_TRUE(stream.empty());
  EXPECT_FALSE(stream.withdraw_after(at(5ms)));
}

TEST_F(SimStreamTest, AClearedStreamHasRoomAgain) {
  send("1234567890");
  send("waiting");

  stream.clear();
  send("abcdefghij");

  EXPECT_EQ(stream.unsent(), 0U);
  EXPECT_EQ(arrive(), "abcdefghij");
}

}  // namespace
}  // namespace acklab::protocol
