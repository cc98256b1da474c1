#include "broker/partition/truncation.h"

#include <gtest/gtest.h>

namespace acklab::broker {
namespace {

using protocol::Offset;
using storage::EpochEnd;
using storage::EpochStart;
using storage::LeaderEpochs;

TEST(TruncationPoint, KeepsWhatBothLogsShareAndNoMore) {
  struct Case {
    const char* what;
    std::vector<EpochStart> own;
    std::int64_t own_end;
    EpochEnd diverging;
    std::int64_t expected;
  };
  const Case cases[] = {
      {"the leader ended the epoch earlier", {{{1}, {0}}}, 10, {{1}, {6}}, 6},
      {"the follower ended it earlier, and went on in another", {{{1}, {0}}, {{2}, {4}}}, 10, {{1}, {6}}, 4},
      {"the follower never had the leader's epoch", {{{1}, {0}}, {{3}, {5}}}, 9, {{2}, {8}}, 5},
      {"an epoch from before the first one that is known", {{{5}, {7}}}, 9, {{3}, {7}}, 7},
      {"nothing is known of epochs", {}, 9, {{2}, {8}}, 8},
      {"the follower is shorter than all that", {{{1}, {0}}}, 3, {{1}, {6}}, 3},
      {"a term in which the follower led and appended nothing", {{{1}, {0}}, {{2}, {5}}}, 5, {{1}, {9}}, 5},
  };

  for (const Case& c : cases) {
    LeaderEpochs own;
    for (const EpochStart& entry : c.own) own.assign(entry.epoch, entry.start);

    EXPECT_EQ(truncation_point(c.diverging, own, {c.own_end}), Offset{c.expected}) << c.what;
  }
}

}  // namespace
}  // namespace acklab::broker
