#include "storage/cleaning_plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace acklab::storage {
namespace {

using protocol::Offset;
using testing::ElementsAre;

// Segments of 100 offsets and 1000 bytes, written at 1000, 2000, ...; the last is active.
std::vector<SegmentOutline> segments_of(int count) {
  std::vector<SegmentOutline> segments;
  for (int i = 0; i < count; ++i) {
    segments.push_back({Offset{i * 100}, Offset{i * 100 + 100}, 1000, 1000 + i * 1000, 1500 + i * 1000});
  }
  return segments;
}

constexpr Offset all_committed{1'000'000};

TEST(CleaningPlan, ALogIsCleanedUpToItsActiveSegment) {
  const auto plan = cleaning_due(segments_of(4), std::nullopt, all_committed, {});

  ASSERT_TRUE(plan.has_value());
  EXPECT_EQ(plan->first_dirty, Offset{0});
  EXPECT_EQ(plan->upper, Offset{300});
}

TEST(CleaningPlan, TheActiveSegmentAloneIsNothingToDo) {
  EXPECT_FALSE(cleaning_due(segments_of(1), std::nullopt, all_committed, {}).has_value());
}

TEST(CleaningPlan, ItIsDueWhenMoreThanTheRatioIsDirty) {
  const CleaningRules rules{.min_cleanable_dirty_ratio = 0.5};

  EXPECT_FALSE(cleaning_due(segments_of(5), Offset{200}, all_committed, rules).has_value()) << "half is not more than half";
  const auto plan = cleaning_due(segments_of(6), Offset{200}, all_committed, rules);

  ASSERT_TRUE(plan.has_value());
  EXPECT_EQ(plan->first_dirty, Offset{200});
  EXPECT_EQ(plan->upper, Offset{500});
}

TEST(CleaningPlan, ItIsDueWhenTheOldestDirtySegmentHasWaitedForTooLong) {
  CleaningRules rules{.min_cleanable_dirty_ratio = 1.0, .max_compaction_lag_ms = 5000, .now = 6000};
  EXPECT_FALSE(cleaning_due(segments_of(3), std::nullopt, all_committed, rules).has_value());

  rules.now = 6001;
  EXPECT_TRUE(cleaning_due(segments_of(3), std::nullopt, all_committed, rules).has_value());
}

TEST(CleaningPlan, WhatIsNotCommittedOrTooYoungIsLeft) {
  EXPECT_EQ(cleaning_due(segments_of(5), std::nullopt, Offset{250}, {})->upper, Offset{200});
  EXPECT_EQ(cleaning_due(segments_of(5), std::nullopt, all_committed, {.min_compaction_lag_ms = 1000, .now = 3600})->upper,
            Offset{200});
  EXPECT_FALSE(cleaning_due(segments_of(5), std::nullopt, Offset{50}, {}).has_value());
}

TEST(CleaningPlan, ACheckpointOfAnotherLogSaysNothing) {
  std::vector<SegmentOutline> segments = segments_of(4);
  segments.erase(segments.begin());

  EXPECT_EQ(cleaning_due(segments, Offset{50}, all_committed, {})->first_dirty, Offset{100}) << "below the log's start";
  EXPECT_EQ(cleaning_due(segments, Offset{5000}, all_committed, {})->first_dirty, Offset{100}) << "above its end";
}

TEST(CleaningPlan, NeighboursThatFitIntoOneSegmentBecomeOne) {
  EXPECT_THAT(segments_to_merge(segments_of(6), Offset{500}, 2500), ElementsAre(2, 2, 1));
  EXPECT_THAT(segments_to_merge(segments_of(6), Offset{500}, 10), ElementsAre(1, 1, 1, 1, 1));
  EXPECT_THAT(segments_to_merge(segments_of(6), Offset{0}, 10), ElementsAre());
}

TEST(CleaningPlan, SegmentsWhoseOffsetsNoIndexCouldHoldStayApart) {
  std::vector<SegmentOutline> segments = segments_of(3);
  segments[1].base = segments[1].base + 3'000'000'000;
  segments[1].end = segments[1].end + 3'000'000'000;
  segments[2].base = segments[1].end;

  EXPECT_THAT(segments_to_merge(segments, segments[2].base, 1u << 30), ElementsAre(1, 1));
}

}  // namespace
}  // namespace acklab::storage
