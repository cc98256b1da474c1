#include "storage/retention.h"

#include <gtest/gtest.h>

#include <vector>

namespace acklab::storage {
namespace {

using protocol::Offset;

TEST(Retention, TakesWholeSegmentsFromTheOldestOn) {
  const std::vector<SegmentFacts> four = {
      {Offset{10}, 100, 1000}, {Offset{20}, 100, 3000}, {Offset{30}, 100, 2000}, {Offset{40}, 100, 4000}};
  const struct {
    const char* why;
    RetentionLimits limits;
    LogFacts log;
    std::size_t expected;
  } cases[] = {
      {"nothing is asked for", {-1, -1}, {Offset{0}, Offset{40}, 9000}, 0},
      {"below the log start", {-1, -1}, {Offset{20}, Offset{40}, 9000}, 2},
      {"the log start lies inside", {-1, -1}, {Offset{19}, Offset{40}, 9000}, 1},
      {"the last one stays, wherever the start is", {-1, -1}, {Offset{40}, Offset{40}, 9000}, 3},
      {"as many bytes as may stay", {-1, 300}, {Offset{0}, Offset{40}, 9000}, 1},
      {"what is left must not be less than may stay", {-1, 301}, {Offset{0}, Offset{40}, 9000}, 0},
      {"no bytes at all", {-1, 0}, {Offset{0}, Offset{40}, 9000}, 4},
      {"too old", {1000, -1}, {Offset{0}, Offset{40}, 2001}, 1},
      {"exactly as old as may be", {1000, -1}, {Offset{0}, Offset{40}, 2000}, 0},
      {"a newer one keeps an older one behind it", {1000, -1}, {Offset{0}, Offset{40}, 3500}, 1},
      {"all too old", {0, -1}, {Offset{0}, Offset{40}, 4001}, 4},
      {"a clock that goes backwards deletes nothing", {0, -1}, {Offset{0}, Offset{40}, 500}, 0},
      {"not above the high watermark", {0, -1}, {Offset{0}, Offset{29}, 9000}, 2},
      {"first by start, then by size, then by time", {6000, 200}, {Offset{10}, Offset{40}, 9001}, 3},
  };
  for (const auto& c : cases) EXPECT_EQ(segments_to_delete(four, c.limits, c.log), c.expected) << c.why;
}

TEST(Retention, KeepsAnEmptyLastSegmentAndOneWithoutTimestamps) {
  const std::vector<SegmentFacts> empty = {{Offset{10}, 100, 1000}, {Offset{10}, 0, -1}};
  const std::vector<SegmentFacts> without = {{Offset{10}, 100, -1}, {Offset{20}, 100, 1000}};

  EXPECT_EQ(segments_to_delete(empty, {0, 0}, {Offset{0}, Offset{10}, 9000}), 1U);
  EXPECT_EQ(segments_to_delete(without, {0, -1}, {Offset{0}, Offset{20}, 9000}), 0U);
}

}  // namespace
}  // namespace acklab::storage
