#include "storage/checkpoint.h"

#include <gtest/gtest.h>

#include "storage/sim_disk.h"

namespace acklab::storage {
namespace {

using protocol::LeaderEpoch;
using protocol::Offset;
using protocol::Random;
using protocol::TopicPartition;

std::string all_of(Disk& disk, const std::string& path) {
  const auto file = disk.open(path).value();
  return std::string(file->read(0, file->size()).value().text());
}

void write(Disk& disk, const std::string& path, std::string_view text) {
  ASSERT_TRUE(disk.open(path).value()->append(Slice::copy_of(text)).has_value());
}

const std::vector<EpochStart> two_epochs = {{LeaderEpoch{0}, Offset{0}}, {LeaderEpoch{3}, Offset{1500}}};
const PartitionOffsets two_offsets = {{{"orders", 0}, Offset{1500}}, {{"orders", 11}, Offset{0}}};

TEST(Checkpoint, IsTheTextThatKafkaWrites) {
  SimDisk disk{Random(1)};

  ASSERT_TRUE(write_leader_epochs(disk, "orders-0/leader-epoch-checkpoint", two_epochs).has_value());
  ASSERT_TRUE(write_offsets(disk, "replication-offset-checkpoint", two_offsets).has_value());

  EXPECT_EQ(all_of(disk, "orders-0/leader-epoch-checkpoint"), "0\n2\n0 0\n3 1500\n");
  EXPECT_EQ(all_of(disk, "replication-offset-checkpoint"), "0\n2\norders 0 1500\norders 11 0\n");
}

TEST(Checkpoint, ReadsBackWhatWasWritten) {
  SimDisk disk{Random(1)};
  ASSERT_TRUE(write_leader_epochs(disk, "epochs", two_epochs).has_value());
  ASSERT_TRUE(write_offsets(disk, "offsets", two_offsets).has_value());

  EXPECT_EQ(read_leader_epochs(disk, "epochs").value(), two_epochs);
  EXPECT_EQ(read_offsets(disk, "offsets").value(), two_offsets);
}

TEST(Checkpoint, NoFileIsNoEntries) {
  SimDisk disk{Random(1)};

  EXPECT_TRUE(read_leader_epochs(disk, "epochs").value().empty());
  EXPECT_TRUE(read_offsets(disk, "offsets").value().empty());
}

TEST(Checkpoint, AnEmptyOneIsNotNoFile) {
  SimDisk disk{Random(1)};

  ASSERT_TRUE(write_offsets(disk, "offsets", {}).has_value());

  EXPECT_EQ(all_of(disk, "offsets"), "0\n0\n");
  EXPECT_TRUE(read_offsets(disk, "offsets").value().empty());
}

TEST(Checkpoint, SurvivesPowerLossOldOrNewButWhole) {
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    SimDisk disk{Random(seed)};
    ASSERT_TRUE(write_leader_epochs(disk, "epochs", two_epochs).has_value());
    write(disk, "epochs.tmp", "0\n1\n9 9");  // the next one, not yet flushed and renamed

    disk.power_loss();
    disk.revive();

    EXPECT_EQ(read_leader_epochs(disk, "epochs").value(), two_epochs) << "seed " << seed;
    ASSERT_TRUE(write_leader_epochs(disk, "epochs", {}).has_value()) << "over what was left of the draft";
    EXPECT_TRUE(read_leader_epochs(disk, "epochs").value().empty()) << "seed " << seed;
  }
}

TEST(Checkpoint, BytesThatAreNoCheckpointAreAFault) {
  for (const char* text : {"", "0", "0\n", "x\n0\n", "0\nx\n", "1\n0\n", "0\n-1\n", "0\n2\n0 0\n", "0\n1\n0 0\n1 1\n",
                           "0\n1\n0\n", "0\n1\n0 0 0\n", "0\n1\n0 zero\n", "0\n1\n0 0x\n", "0\n1\n0 99999999999999999999\n"}) {
    SimDisk disk{Random(1)};
    write(disk, "epochs", text);

    const auto read = read_leader_epochs(disk, "epochs");

    ASSERT_FALSE(read.has_value()) << text;
    EXPECT_EQ(read.error().fault, DiskFault::malformed) << text;
    EXPECT_NE(read.error().what.find("epochs"), std::string::npos) << read.error().what;
  }
}

}  // namespace
}  // namespace acklab::storage
