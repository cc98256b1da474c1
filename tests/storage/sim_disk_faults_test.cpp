// What a broken disk does; sim_disk.h has the contract in words.
#include <gtest/gtest.h>

#include <set>
#include <string>

#include "storage/bit_rot.h"
#include "storage/log.h"
#include "storage/sim_disk.h"
#include "tests/storage/batches.h"

namespace acklab::storage {
namespace {

using protocol::Duration;
using protocol::Random;
using Mishap = SimDisk::Mishap;

std::string all_of(Disk& disk, const std::string& path) {
  const std::unique_ptr<File> file = disk.open(path).value();
  return std::string(file->read(0, file->size()).value().text());
}

Bytes bytes(std::string_view text) { return Slice::copy_of(text); }

TEST(SimDiskFaults, TheNthCallFailsAndNoOther) {
  SimDisk disk{Random(1)};
  disk.go_wrong({.nth = 3});

  const auto file = disk.open("f").value();
  EXPECT_TRUE(file->append(bytes("ab")).has_value());
  const auto third = file->append(bytes("cd"));
  EXPECT_TRUE(file->append(bytes("ef")).has_value());

  EXPECT_EQ(third.error().fault, DiskFault::failed);
  EXPECT_EQ(third.error().what, "append to f: input/output error");
  EXPECT_EQ(all_of(disk, "f"), "abef");
}

TEST(SimDiskFaults, ATornAppendLeavesAnyProperPrefix) {
  std::set<std::string> seen;
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    SimDisk disk{Random(seed)};
    const auto file = disk.open("f").value();
    disk.go_wrong({.call = Mishap::Call::append, .extent = Mishap::Extent::part, .crash = [&] { disk.kill(); }});

    EXPECT_EQ(file->append(bytes("abc")).error().fault, DiskFault::dead);

    disk.revive();
    seen.insert(all_of(disk, "f"));
  }
  EXPECT_EQ(seen, (std::set<std::string>{"", "a", "ab"}));
}

TEST(SimDiskFaults, ACallThatIsDoneAndDoesNotComeBackIsDone) {
  SimDisk disk{Random(1)};
  disk.go_wrong({.nth = 2, .extent = Mishap::Extent::all, .crash = [&] { disk.kill(); }});
  const auto file = disk.open("f").value();

  EXPECT_EQ(file->append(bytes("abc")).error().fault, DiskFault::dead);

  disk.revive();
  EXPECT_EQ(all_of(disk, "f"), "abc");
}

TEST(SimDiskFaults, WhatAFailedFlushShouldHaveWrittenIsGoneWhenTheNodeDiesWhateverALaterFlushSays) {
  for (const bool power : {false, true}) {
    SimDisk disk{Random(1)};
    const auto file = disk.open("f").value();
    EXPECT_TRUE(file->append(bytes("safe")).has_value());
    EXPECT_TRUE(file->flush().has_value());
    EXPECT_TRUE(file->append(bytes("lost")).has_value());
    disk.go_wrong({.call = Mishap::Call::flush});

    EXPECT_EQ(file->flush().error().fault, DiskFault::failed);
    EXPECT_TRUE(file->append(bytes("more")).has_value());
    EXPECT_TRUE(file->flush().has_value());

    EXPECT_EQ(all_of(disk, "f"), "safelostmore") << "memory still has it";
    power ? disk.power_loss() : disk.kill();
    disk.revive();
    EXPECT_EQ(all_of(disk, "f"), std::string("safe\0\0\0\0more", 12));
  }
}

TEST(SimDiskFaults, WhatIsWrittenInPlaceOfWhatAFailedFlushLostIsNotLost) {
  SimDisk disk{Random(1)};
  const auto file = disk.open("f").value();
  EXPECT_TRUE(file->append(bytes("lost")).has_value());
  disk.go_wrong({.call = Mishap::Call::flush});
  EXPECT_FALSE(file->flush().has_value());

  EXPECT_TRUE(file->truncate(1).has_value());
  EXPECT_TRUE(file->append(bytes("new")).has_value());
  EXPECT_TRUE(file->flush().has_value());
  disk.kill();
  disk.revive();

  EXPECT_EQ(all_of(disk, "f"), std::string("\0new", 4));
}

TEST(SimDiskFaults, AFullDiskTakesWhatFitsAndHasRoomAgainWhenSomethingGoes) {
  SimDisk disk{Random(1)};
  const auto a = disk.open("a").value(), b = disk.open("b").value();
  EXPECT_TRUE(a->append(bytes("1234")).has_value());
  disk.fill_up(3);

  EXPECT_TRUE(b->append(bytes("xy")).has_value());
  const auto full = a->append(bytes("567"));
  EXPECT_EQ(full.error().fault, DiskFault::full);
  EXPECT_EQ(full.error().what, "append to a: no space left on device");
  EXPECT_EQ(all_of(disk, "a"), "12345");
  EXPECT_EQ(b->append(bytes("z")).error().fault, DiskFault::full);
  EXPECT_TRUE(b->flush().has_value());

  disk.kill();
  disk.revive();
  EXPECT_EQ(disk.open("b").value()->append(bytes("z")).error().fault, DiskFault::full) << "a restart makes no room";
  EXPECT_TRUE(disk.remove("b").has_value());
  EXPECT_TRUE(disk.open("c").value()->append(bytes("zz")).has_value());
  disk.mend();
  EXPECT_TRUE(disk.open("c").value()->append(bytes("more than there was room for")).has_value());
}

TEST(SimDiskFaults, ASlowDiskTakesItsTimeForEveryAppendAndFlush) {
  SimDisk disk{Random(1)};
  Duration spent{0};
  disk.on_spend([&](Duration time) { spent += time; }, {.flush = std::chrono::milliseconds(1)});
  disk.slow_down(std::chrono::milliseconds(10));
  const auto file = disk.open("f").value();

  EXPECT_TRUE(file->append(bytes("ab")).has_value());
  EXPECT_TRUE(file->flush().has_value());
  EXPECT_TRUE(file->read(0, 2).has_value());

  EXPECT_EQ(spent, std::chrono::milliseconds(21));
}

TEST(SimDiskFaults, RotFlipsOneBitAndSparesWhatWasReadBefore) {
  SimDisk disk{Random(1)};
  const auto file = disk.open("f").value();
  EXPECT_TRUE(file->append(bytes("aaaaaaaa")).has_value());
  EXPECT_TRUE(file->append(bytes("bbbb")).has_value());
  const Slice before = file->read(0, 12).value();

  EXPECT_TRUE(disk.rot("f", 8, 12));

  EXPECT_EQ(before.text(), "aaaaaaaabbbb");
  const std::string after = all_of(disk, "f");
  EXPECT_EQ(after.substr(0, 8), "aaaaaaaa");
  int flipped = 0;
  for (std::size_t i = 8; i < 12; ++i) flipped += __builtin_popcount(static_cast<unsigned char>(after[i] ^ 'b'));
  EXPECT_EQ(flipped, 1);
  EXPECT_TRUE(file->append(bytes("cc")).has_value());
  EXPECT_EQ(all_of(disk, "f"), after + "cc");
  EXPECT_FALSE(disk.rot("f", 14, 20)) << "there is nothing";
  EXPECT_FALSE(disk.rot("g", 0, 1));
}

TEST(SimDiskFaults, AFaultLeavesPowerLossesAsTheyWere) {
  std::string left[2];
  for (const bool rotten : {false, true}) {
    SimDisk disk{Random(7)};
    for (const char* path : {"a", "b", "c", "d"}) EXPECT_TRUE(disk.open(path).value()->append(bytes("0123456789")).has_value());
    if (rotten) {
      EXPECT_TRUE(disk.rot("a", 0, 10));
    }
    disk.power_loss();
    disk.revive();
    for (const std::string& path : disk.list("")) left[rotten ? 1 : 0] += path + std::to_string(all_of(disk, path).size()) + " ";
  }
  EXPECT_EQ(left[0], left[1]);
}

TEST(BitRot, StrikesABatchBelowTheLimitThatItsChecksumThenDenies) {
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    SimDisk disk{Random(seed)};
    Log log = Log::open(disk, "orders-0", {.segment_bytes = 300}).value();
    for (int i = 0; i < 10; ++i) EXPECT_TRUE(log.append(batch_of(2), LeaderEpoch{0}).has_value());
    Random random(seed);

    const auto struck = rot_a_batch(disk, "orders-0", Offset{12}, random);

    ASSERT_TRUE(struck.has_value());
    EXPECT_LE(struck->next_offset(), Offset{12});
    const auto read = log.read(struck->base_offset, log.end(), 1, true).value();
    const auto batch = RecordBatch::first(read.records);
    EXPECT_FALSE(batch && batch->crc_matches()) << "seed " << seed;
    log = Log::open(disk, "orders-0", {.segment_bytes = 300}).value();
    EXPECT_LE(log.end(), struck->base_offset) << "recovery cuts there";
  }
}

TEST(BitRot, OfNothingIsNothing) {
  SimDisk disk{Random(1)};
  Random random(1);

  EXPECT_FALSE(rot_a_batch(disk, "orders-0", Offset{12}, random).has_value());
}

}  // namespace
}  // namespace acklab::storage
