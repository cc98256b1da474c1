#include "producer/waiting_records.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <vector>

namespace acklab::producer {
namespace {

using namespace std::chrono_literals;
using protocol::Time;
using testing::ElementsAre;

constexpr Time start{};

WaitingRecord record(const std::string& topic, const std::string& value, Time sent_at = start) {
  WaitingRecord waiting{};
  waiting.record.topic = topic;
  waiting.record.value = value;
  waiting.pending.sent_at = sent_at;
  return waiting;
}

// Tries all records and returns which were placed.
std::vector<std::string> retry(WaitingRecords& waiting, const std::function<Placement(const ProducerRecord&)>& place) {
  std::vector<std::string> placed;
  waiting.retry([&](WaitingRecord& w) {
    const Placement placement = place(w.record);
    if (placement == Placement::placed) placed.push_back(*w.record.value);
    return placement;
  });
  return placed;
}

TEST(WaitingRecords, OnlyTheSameTopicWaitsBehindAnUnknownOne) {
  WaitingRecords waiting;
  waiting.push(record("a", "1"), Placement::no_partition);

  EXPECT_TRUE(waiting.holds_up("a"));
  EXPECT_FALSE(waiting.holds_up("b"));
  EXPECT_FALSE(waiting.short_of_room());
}

TEST(WaitingRecords, EveryTopicWaitsBehindARecordWithoutRoom) {
  WaitingRecords waiting;
  waiting.push(record("a", "1"), Placement::no_room);

  EXPECT_TRUE(waiting.holds_up("b"));
  EXPECT_TRUE(waiting.short_of_room());
}

TEST(WaitingRecords, ATopicThatIsStillUnknownIsPassedByOthersButNotByItsOwn) {
  WaitingRecords waiting;
  for (const auto& [topic, value] : {std::pair{"a", "a1"}, {"b", "b1"}, {"a", "a2"}, {"b", "b2"}}) {
    waiting.push(record(topic, value), Placement::no_partition);
  }
  int asked_for_a = 0;

  const auto placed = retry(waiting, [&](const ProducerRecord& r) {
    if (r.topic == "b") return Placement::placed;
    ++asked_for_a;
    return Placement::no_partition;
  });

  EXPECT_THAT(placed, ElementsAre("b1", "b2"));
  EXPECT_EQ(asked_for_a, 1);
  EXPECT_FALSE(waiting.holds_up("b"));
  EXPECT_TRUE(waiting.holds_up("a"));
}

TEST(WaitingRecords, NothingPassesTheFirstThatFindsNoRoom) {
  WaitingRecords waiting;
  for (const std::string value : {"1", "2", "3"}) waiting.push(record("a", value), Placement::no_room);

  const auto placed =
      retry(waiting, [](const ProducerRecord& r) { return r.value == "2" ? Placement::no_room : Placement::placed; });

  EXPECT_THAT(placed, ElementsAre("1"));
  EXPECT_EQ(waiting.size(), 2u);
  EXPECT_TRUE(waiting.short_of_room());
  EXPECT_THAT(retry(waiting, [](const ProducerRecord&) { return Placement::placed; }), ElementsAre("2", "3"));
  EXPECT_FALSE(waiting.short_of_room());
}

TEST(WaitingRecords, TheOldestExpireFirst) {
  WaitingRecords waiting;
  EXPECT_EQ(waiting.oldest(), never);
  waiting.push(record("a", "1", start), Placement::no_room);
  waiting.push(record("a", "2", start + 1s), Placement::no_room);
  EXPECT_EQ(waiting.oldest(), start);

  const auto expired = waiting.expire(start);

  ASSERT_EQ(expired.size(), 1u);
  EXPECT_EQ(expired[0].record.value, "1");
  EXPECT_EQ(waiting.oldest(), start + 1s);
  EXPECT_EQ(waiting.expire(start + 1s).size(), 1u);
  EXPECT_FALSE(waiting.holds_up("a"));
}

}  // namespace
}  // namespace acklab::producer
