// Which beginnings of segments answer a question by time.
#include "broker/partition/segment_offsets.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "protocol/messages/list_offsets.h"

namespace acklab::broker {
namespace {

using protocol::ListOffsetsRequest;
using protocol::Offset;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr std::int64_t now = 1000;

storage::SegmentOutline segment(std::int64_t base, std::int64_t largest_timestamp, std::uint64_t bytes = 50) {
  return {.base = {base}, .end = {base + 10}, .bytes = bytes, .first_timestamp = 1, .largest_timestamp = largest_timestamp};
}

std::vector<std::int64_t> ask(std::int64_t timestamp, std::size_t most = 10) {
  const storage::SegmentOutline segments[] = {segment(0, 100), segment(10, 200), segment(20, 300)};
  std::vector<std::int64_t> found;
  for (const Offset offset : segment_offsets(segments, {{3}, {30}}, {.timestamp = timestamp, .most = most, .now = now})) {
    found.push_back(offset.value);
  }
  return found;
}

TEST(SegmentOffsets, AreThoseOfSegmentsWrittenUntilThen) {
  EXPECT_THAT(ask(now), ElementsAre(30, 20, 10, 3));
  EXPECT_THAT(ask(now - 1), ElementsAre(20, 10, 3));
  EXPECT_THAT(ask(200), ElementsAre(10, 3));
  EXPECT_THAT(ask(199), ElementsAre(3));
  EXPECT_THAT(ask(99), IsEmpty());
}

TEST(SegmentOffsets, AreAsManyAsAreWantedFromTheNewestOn) {
  EXPECT_THAT(ask(ListOffsetsRequest::latest_timestamp, 2), ElementsAre(30, 20));
  EXPECT_THAT(ask(ListOffsetsRequest::latest_timestamp, 0), IsEmpty());
  EXPECT_THAT(ask(ListOffsetsRequest::earliest_timestamp, 2), ElementsAre(3));
}

TEST(SegmentOffsets, OfAnEmptyLastSegmentAreNotTwice) {
  const storage::SegmentOutline segments[] = {segment(0, 100), segment(10, -1, 0)};

  const auto offsets = segment_offsets(segments, {{0}, {10}}, {.timestamp = ListOffsetsRequest::latest_timestamp, .most = 9});

  EXPECT_THAT(offsets, ElementsAre(Offset{10}, Offset{0}));
}

TEST(SegmentOffsets, EndForAConsumerAtTheHighWatermark) {
  EXPECT_THAT(below({25}, {{30}, {20}, {10}}), ElementsAre(Offset{25}, Offset{20}, Offset{10}));
  EXPECT_THAT(below({30}, {{30}, {20}}), ElementsAre(Offset{30}, Offset{20}));
  EXPECT_THAT(below({5}, {{30}, {20}}), ElementsAre(Offset{5}));
  EXPECT_THAT(below({5}, {}), IsEmpty());
}

}  // namespace
}  // namespace acklab::broker
