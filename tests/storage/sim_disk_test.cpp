#include "storage/sim_disk.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace acklab::storage {
namespace {

using protocol::Random;

std::string all_of(Disk& disk, const std::string& path) {
  const std::unique_ptr<File> file = disk.open(path).value();
  return std::string(file->read(0, file->size()).value().text());
}

Bytes bytes(std::string_view text) { return Slice::copy_of(text); }

void append(Disk& disk, const std::string& path, std::string_view text) {
  ASSERT_TRUE(disk.open(path).value()->append(bytes(text)).has_value());
}

// Everything that the same steps may leave, over many seeds.
template <class Steps>
std::set<std::string> outcomes(Steps steps) {
  std::set<std::string> seen;
  for (std::uint64_t seed = 0; seed < 400; ++seed) {
    SimDisk disk{Random(seed)};
    steps(disk);
    disk.power_loss();
    disk.revive();
    seen.insert(disk.exists("f") ? all_of(disk, "f") : "vanished");
  }
  return seen;
}

using Outcomes = std::set<std::string>;

TEST(SimDisk, AKillLeavesWhatWasWritten) {
  SimDisk disk{Random(1)};
  append(disk, "orders-0/a.log", "flushed or not");

  disk.kill();
  disk.revive();

  EXPECT_EQ(all_of(disk, "orders-0/a.log"), "flushed or not");
}

TEST(SimDisk, PowerLossLeavesAnyPrefixOfTheUnflushedTail) {
  const Outcomes seen = outcomes([](Disk& disk) {
    const auto file = disk.open("f").value();
    ASSERT_TRUE(file->append(bytes("safe")).has_value());
    ASSERT_TRUE(file->flush().has_value());
    ASSERT_TRUE(file->append(bytes("ab")).has_value());
    ASSERT_TRUE(file->append(bytes("cd")).has_value());
  });

  EXPECT_EQ(seen, (Outcomes{"safe", "safea", "safeab", "safeabc", "safeabcd"}));
}

TEST(SimDisk, PowerLossMayTakeAFileThatWasNeverFlushed) {
  const Outcomes seen = outcomes([](Disk& disk) { append(disk, "f", "ab"); });

  EXPECT_EQ(seen, (Outcomes{"vanished", "", "a", "ab"}));
}

TEST(SimDisk, PowerLossMayUndoATruncationThatWasNotFlushed) {
  const Outcomes seen = outcomes([](Disk& disk) {
    const auto file = disk.open("f").value();
    ASSERT_TRUE(file->append(bytes("abcd")).has_value());
    ASSERT_TRUE(file->flush().has_value());
    ASSERT_TRUE(file->truncate(2).has_value());
    ASSERT_TRUE(file->append(bytes("X")).has_value());
  });

  EXPECT_EQ(seen, (Outcomes{"abcd", "ab", "abX"}));
}

TEST(SimDisk, AFlushedTruncationIsFinal) {
  const Outcomes seen = outcomes([](Disk& disk) {
    const auto file = disk.open("f").value();
    ASSERT_TRUE(file->append(bytes("abcd")).has_value());
    ASSERT_TRUE(file->flush().has_value());
    ASSERT_TRUE(file->truncate(2).has_value());
    ASSERT_TRUE(file->flush().has_value());
  });

  EXPECT_EQ(seen, Outcomes{"ab"});
}

TEST(SimDisk, ARenameIsDurableButTheBytesOnlyIfTheyWereFlushed) {
  const Outcomes flushed = outcomes([](Disk& disk) {
    append(disk, "f", "old");
    const auto file = disk.open("f.tmp").value();
    ASSERT_TRUE(file->append(bytes("new")).has_value());
    ASSERT_TRUE(file->flush().has_value());
    ASSERT_TRUE(disk.rename("f.tmp", "f").has_value());
  });
  const Outcomes unflushed = outcomes([](Disk& disk) {
    append(disk, "f.tmp", "n");
    ASSERT_TRUE(disk.rename("f.tmp", "f").has_value());
  });

  EXPECT_EQ(flushed, Outcomes{"new"});
  EXPECT_EQ(unflushed, (Outcomes{"", "n"}));
}

TEST(SimDisk, WhatAPowerLossLeftSurvivesTheNextOne) {
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    SimDisk disk{Random(seed)};
    append(disk, "f", "abcdefgh");
    disk.power_loss();
    disk.revive();
    if (!disk.exists("f")) continue;
    const std::string left = all_of(disk, "f");

    disk.power_loss();
    disk.revive();

    ASSERT_TRUE(disk.exists("f")) << "seed " << seed;
    EXPECT_EQ(all_of(disk, "f"), left) << "seed " << seed;
  }
}

TEST(SimDisk, TheSameSeedLosesTheSameBytes) {
  std::string left[2];
  for (std::string& outcome : left) {
    SimDisk disk{Random(42)};
    for (const char* path : {"a", "b", "c", "d", "e"}) append(disk, path, "0123456789");
    disk.power_loss();
    disk.revive();
    for (const std::string& path : disk.list("")) outcome += path + "=" + all_of(disk, path) + " ";
  }

  EXPECT_EQ(left[0], left[1]);
}

TEST(SimDisk, ADeadNodeChangesNothing) {
  SimDisk disk{Random(1)};
  const auto file = disk.open("f").value();
  ASSERT_TRUE(file->append(bytes("before")).has_value());

  disk.kill();

  EXPECT_TRUE(disk.dead());
  EXPECT_EQ(file->append(bytes("after")).error().fault, DiskFault::dead);
  EXPECT_EQ(file->truncate(0).error().fault, DiskFault::dead);
  EXPECT_EQ(file->flush().error().fault, DiskFault::dead);
  EXPECT_EQ(file->read(0, 6).error().fault, DiskFault::dead);
  EXPECT_EQ(disk.open("g").error().fault, DiskFault::dead);
  EXPECT_EQ(disk.remove("f").error().fault, DiskFault::dead);
  EXPECT_EQ(disk.rename("f", "g").error().fault, DiskFault::dead);
  disk.revive();
  EXPECT_EQ(disk.list(""), std::vector<std::string>{"f"});
  EXPECT_EQ(all_of(disk, "f"), "before");
}

TEST(SimDisk, AHandleOfAnEarlierIncarnationStaysDead) {
  SimDisk disk{Random(1)};
  const auto old = disk.open("f").value();
  disk.kill();
  disk.revive();

  EXPECT_EQ(old->append(bytes("zombie")).error().fault, DiskFault::dead);
  EXPECT_EQ(all_of(disk, "f"), "");
}

TEST(SimDisk, AFlushSpendsItsCost) {
  SimDisk disk{Random(1)};
  protocol::Duration spent{0};
  disk.on_spend([&](protocol::Duration cost) { spent += cost; }, {.flush = std::chrono::milliseconds(5)});
  const auto file = disk.open("f").value();

  ASSERT_TRUE(file->append(bytes("ab")).has_value());
  ASSERT_TRUE(file->flush().has_value());

  EXPECT_EQ(spent, std::chrono::milliseconds(5));
}

TEST(SimDisk, AFlushDuringWhichTheNodeDiesPromisesNothing) {
  SimDisk disk{Random(1)};
  disk.on_spend([&](protocol::Duration) { disk.kill(); }, {});
  const auto file = disk.open("f").value();
  ASSERT_TRUE(file->append(bytes("ab")).has_value());

  EXPECT_EQ(file->flush().error().fault, DiskFault::dead);
}

}  // namespace
}  // namespace acklab::storage
