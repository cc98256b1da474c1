// What is remembered of logs from one life to the next, and whose directory it is.
#include "storage/root_files.h"

#include <gtest/gtest.h>

#include <string>

#include "protocol/runtime/random.h"
#include "storage/meta_properties.h"
#include "storage/partition_metadata.h"
#include "storage/segment_files.h"
#include "storage/sim_disk.h"
#include "tests/storage/batches.h"

namespace acklab::storage {
namespace {

using protocol::Random;
using protocol::TopicPartition;

const TopicPartition orders{"orders", 0};

class RootFilesTest : public ::testing::Test {
 protected:
  RootFilesTest() {
    for (int i = 0; i < 3; ++i) EXPECT_TRUE(log_.append(batch_of(2), {0}).has_value());
    EXPECT_TRUE(log_.flush().has_value());
  }
  void overwrite(const std::string& path, const std::string& text) {
    ASSERT_TRUE(replace_file(disk_, path, Slice::copy_of(text)).has_value());
  }
  std::string text(const std::string& path) { return std::string(read_file(disk_, path).value().text()); }

  SimDisk disk_{Random(1)};
  Log log_ = Log::open(disk_, "orders-0", {}).value();
};

TEST_F(RootFilesTest, KnowWhatTheLastLifeWroteDown) {
  ASSERT_TRUE(log_.advance_start(Offset{2}).has_value());
  {
    RootFiles files(disk_);
    files.remember(orders, log_, Offset{5});
    ASSERT_TRUE(files.write_high_watermarks() && files.write_recovery_points() && files.write_log_starts());
  }

  RootFiles files(disk_);

  EXPECT_EQ(files.high_watermark(orders), Offset{5});
  const LogCheckpoints checkpoints = files.take_checkpoints(orders);
  EXPECT_EQ(checkpoints.start, Offset{2});
  EXPECT_EQ(checkpoints.recovery_point, Offset{6});
  EXPECT_EQ(checkpoints.shutdown, Shutdown::unclean);
  EXPECT_EQ(text("recovery-point-offset-checkpoint"), "0\n1\norders 0 6\n");
}

TEST_F(RootFilesTest, AMarkOfACleanShutdownIsBelievedOnce) {
  {
    RootFiles files(disk_);
    files.remember(orders, log_, Offset{6});
    ASSERT_TRUE(files.mark_clean({41}).has_value());
  }
  EXPECT_EQ(text(".kafka_cleanshutdown"), R"({"version":0,"brokerEpoch":41})");

  RootFiles files(disk_);

  EXPECT_FALSE(disk_.exists(".kafka_cleanshutdown"));
  EXPECT_EQ(files.take_checkpoints(orders).shutdown, Shutdown::clean);
  EXPECT_EQ(files.take_checkpoints(orders).shutdown, Shutdown::unclean) << "who knows what became of it since";
  EXPECT_EQ(RootFiles(disk_).take_checkpoints(orders).shutdown, Shutdown::unclean) << "this life did not end well";
}

// 1. A crash leaves the log's tail in doubt.  2. In the next life nobody opens it; that life ends well.
TEST_F(RootFilesTest, AMarkSaysNothingOfALogThatWasNotOpen) {
  overwrite("recovery-point-offset-checkpoint", "0\n1\norders 0 6\n");
  ASSERT_TRUE(RootFiles(disk_).mark_clean({41}).has_value());

  EXPECT_EQ(RootFiles(disk_).take_checkpoints(orders).shutdown, Shutdown::unclean);
}

TEST_F(RootFilesTest, GarbageIsRemarkedAndDoneWithout) {
  for (const char* path : {replication_offset_checkpoint, recovery_point_checkpoint, log_start_offset_checkpoint}) {
    overwrite(path, "garbage");
  }

  RootFiles files(disk_);

  EXPECT_EQ(files.remarks().size(), 3U);
  EXPECT_EQ(files.remarks()[0], "replication-offset-checkpoint: no version and count; going on without it");
  EXPECT_EQ(files.high_watermark(orders), Offset{0});
  EXPECT_EQ(files.take_checkpoints(orders).recovery_point, Offset{0});
}

TEST_F(RootFilesTest, AForgottenLogIsInNoCheckpoint) {
  RootFiles files(disk_);
  files.remember(orders, log_, Offset{6});

  files.forget(orders);

  ASSERT_TRUE(files.write_high_watermarks().has_value());
  EXPECT_EQ(text(replication_offset_checkpoint), "0\n0\n");
}

TEST(MetaProperties, ADirectoryBelongsToTheFirstWhoClaimsIt) {
  SimDisk disk{Random(1)};
  const MetaProperties ours{.cluster_id = "c", .node_id = 1, .directory_id = "AAAAAAAAAAAAAAAAAAAAAA"};

  EXPECT_TRUE(claim_directory(disk, ours).has_value());

  EXPECT_EQ(read_file(disk, "meta.properties")->text(),
            "version=1\ncluster.id=c\nnode.id=1\ndirectory.id=AAAAAAAAAAAAAAAAAAAAAA\n");
  EXPECT_TRUE(claim_directory(disk, {.cluster_id = "c", .node_id = 1, .directory_id = "another"}).has_value());
  EXPECT_EQ(claim_directory(disk, {.cluster_id = "c", .node_id = 2, .directory_id = "x"}).error(),
            "it belongs to node 1, and this is node 2");
  EXPECT_EQ(claim_directory(disk, {.cluster_id = "d", .node_id = 1, .directory_id = "x"}).error(),
            "it belongs to cluster c, and this is cluster d");
}

TEST(MetaProperties, AreReadAsJavaWritesThem) {
  const auto read = parse_meta_properties("#\n#Sat Nov 01 10:00:00 UTC 2025\nnode.id=7\nversion=1\ncluster.id=abc=\n");

  EXPECT_EQ(read.value(), (MetaProperties{.cluster_id = "abc=", .node_id = 7, .directory_id = ""}));
  const struct {
    const char* text;
    const char* error;
  } cases[] = {{"", "it has no version"},
               {"version=0\ncluster.id=a\nnode.id=1\n", "its version is 0 and not 1"},
               {"version=1\nnode.id=1\n", "it has no cluster.id"},
               {"version=1\ncluster.id=a\nnode.id=one\n", "its node.id is one"}};
  for (const auto& c : cases) EXPECT_EQ(parse_meta_properties(c.text).error(), c.error);
}

TEST(PartitionMetadata, NamesTheTopic) {
  SimDisk disk{Random(1)};
  const protocol::Uuid topic{.bytes = {1, 2, 3}};
  EXPECT_EQ(read_topic_id(disk, "orders-0").error().fault, DiskFault::not_found);

  ASSERT_TRUE(write_topic_id(disk, "orders-0", topic).has_value());

  EXPECT_EQ(read_file(disk, "orders-0/partition.metadata")->text(), "version: 0\ntopic_id: " + to_string(topic) + "\n");
  EXPECT_EQ(read_topic_id(disk, "orders-0").value(), to_string(topic));
  ASSERT_TRUE(replace_file(disk, "orders-0/partition.metadata", Slice::copy_of(std::string_view("garbage"))).has_value());
  EXPECT_EQ(read_topic_id(disk, "orders-0").error().fault, DiskFault::malformed);
}

}  // namespace
}  // namespace acklab::storage
