#include "storage/leader_epochs.h"

#include <gtest/gtest.h>

#include <ostream>
#include <string>
#include <utility>
#include <vector>

namespace acklab::storage {

void PrintTo(const EpochStart& entry, std::ostream* out) { *out << entry.epoch.value << "@" << entry.start.value; }
void PrintTo(const EpochEnd& end, std::ostream* out) { *out << "epoch " << end.epoch.value << " ends at " << end.end.value; }

namespace {

using protocol::LeaderEpoch;
using protocol::Offset;

using Entries = std::vector<EpochStart>;

EpochStart at(std::int32_t epoch, std::int64_t start) { return {LeaderEpoch{epoch}, Offset{start}}; }
EpochEnd end(std::int32_t epoch, std::int64_t offset) { return {LeaderEpoch{epoch}, Offset{offset}}; }

LeaderEpochs with(const Entries& entries) {
  LeaderEpochs epochs;
  for (const EpochStart& entry : entries) epochs.assign(entry.epoch, entry.start);
  return epochs;
}

Entries entries_of(const LeaderEpochs& epochs) { return {epochs.entries().begin(), epochs.entries().end()}; }

TEST(LeaderEpochs, AssigningKeepsEpochsAndStartsGrowing) {
  const struct {
    const char* why;
    Entries before;
    EpochStart assigned;
    Entries after;
  } cases[] = {
      {"the first", {}, at(0, 0), {at(0, 0)}},
      {"a later one", {at(0, 0)}, at(1, 10), {at(0, 0), at(1, 10)}},
      {"epochs may be skipped", {at(0, 0)}, at(7, 10), {at(0, 0), at(7, 10)}},
      {"the same again says nothing new", {at(0, 0), at(1, 10)}, at(1, 10), {at(0, 0), at(1, 10)}},
      {"a later batch of the same epoch neither", {at(0, 0), at(1, 10)}, at(1, 15), {at(0, 0), at(1, 10)}},
      {"the same epoch, begun earlier", {at(0, 0), at(1, 10)}, at(1, 5), {at(0, 0), at(1, 5)}},
      {"a leader that wrote nothing leaves no trace", {at(0, 0), at(1, 10)}, at(2, 10), {at(0, 0), at(2, 10)}},
      {"a lower start drops what begins behind it", {at(0, 0), at(1, 10), at(2, 20)}, at(3, 5), {at(0, 0), at(3, 5)}},
      {"a lower epoch drops the higher ones", {at(0, 0), at(2, 10), at(3, 20)}, at(1, 30), {at(0, 0), at(1, 30)}},
      {"none is not an epoch", {at(0, 0)}, at(-1, 10), {at(0, 0)}},
  };
  for (const auto& c : cases) {
    LeaderEpochs epochs = with(c.before);

    epochs.assign(c.assigned.epoch, c.assigned.start);

    EXPECT_EQ(entries_of(epochs), c.after) << c.why;
  }
}

TEST(LeaderEpochs, AnEpochEndsWhereTheNextHigherBegins) {
  const LeaderEpochs epochs = with({at(2, 10), at(4, 20), at(7, 35)});
  const Offset log_end{50};
  const struct {
    const char* why;
    std::int32_t asked;
    EpochEnd answer;
  } cases[] = {
      {"the latest ends at the log end", 7, end(7, 50)},
      {"one in the middle", 4, end(4, 35)},
      {"the first", 2, end(2, 20)},
      {"unknown between two: named by the largest below (KIP-279)", 5, end(4, 35)},
      {"unknown between two", 3, end(2, 20)},
      {"below the first: ended before the first began", 1, end(1, 10)},
      {"above the latest: undefined", 8, end(-1, -1)},
      {"none: undefined", -1, end(-1, -1)},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(epochs.end_of(LeaderEpoch{c.asked}, log_end), c.answer) << c.why;
  }
  EXPECT_EQ(LeaderEpochs{}.end_of(LeaderEpoch{0}, log_end), end(-1, -1)) << "nothing is known";
}

// KIP-101, scenario 1: a follower that restarts must not cut what the leader has committed, though its high watermark is behind.
TEST(LeaderEpochs, AFollowerThatRestartsAsksForTheEndOfItsEpochInsteadOfTrustingItsHighWatermark) {
  const LeaderEpochs leader = with({at(0, 0)});
  const Offset leader_end{2};
  const LeaderEpochs follower = with({at(0, 0)});
  const Offset follower_end{2};

  const EpochEnd answer = leader.end_of(follower.latest(), leader_end);

  EXPECT_EQ(std::min(answer.end, follower_end), Offset{2}) << "nothing to cut, although its high watermark may say 1";
}

// KIP-279: after two fast leader changes neither replica knows the other's epoch. The leader names its largest epoch below; the
// follower cuts to its own end of that epoch.
TEST(LeaderEpochs, TwoReplicasThatDoNotShareAnEpochMeetAtTheLargestOneBelow) {
  const LeaderEpochs leader = with({at(0, 0), at(2, 21)});    // led in epoch 2 from 21 on
  const LeaderEpochs follower = with({at(0, 0), at(1, 20)});  // led in epoch 1 from 20 on
  const Offset leader_end{30};
  const Offset follower_end{25};

  const EpochEnd answer = leader.end_of(follower.latest(), leader_end);
  const EpochEnd own = follower.end_of(answer.epoch, follower_end);

  EXPECT_EQ(answer, end(0, 21));
  EXPECT_EQ(std::min(answer.end, own.end), Offset{20});
}

TEST(LeaderEpochs, TruncationForgetsTheEpochsThatBeganBehindIt) {
  const Entries before = {at(0, 0), at(1, 10), at(2, 20)};
  const std::pair<std::int64_t, Entries> cases[] = {
      {25, before}, {21, before}, {20, {at(0, 0), at(1, 10)}}, {10, {at(0, 0)}}, {5, {at(0, 0)}}, {0, {}},
  };
  for (const auto& [offset, after] : cases) {
    LeaderEpochs epochs = with(before);

    epochs.truncate_to(Offset{offset});

    EXPECT_EQ(entries_of(epochs), after) << "to " << offset;
  }
}

TEST(LeaderEpochs, TrimmingMovesTheEpochUnderWayToTheNewLogStart) {
  const Entries before = {at(0, 5), at(1, 10), at(2, 20)};
  const std::pair<std::int64_t, Entries> cases[] = {
      {3, before},
      {5, before},
      {7, {at(0, 7), at(1, 10), at(2, 20)}},
      {10, {at(1, 10), at(2, 20)}},
      {15, {at(1, 15), at(2, 20)}},
      {20, {at(2, 20)}},
      {99, {at(2, 99)}},
  };
  for (const auto& [offset, after] : cases) {
    LeaderEpochs epochs = with(before);

    epochs.trim_to(Offset{offset});

    EXPECT_EQ(entries_of(epochs), after) << "to " << offset;
  }
}

}  // namespace
}  // namespace acklab::storage
