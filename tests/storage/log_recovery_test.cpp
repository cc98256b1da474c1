// What a log makes of what it finds: files that are missing, that are garbage, that are ahead of the batches, and how much of a log
// it has to read.
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "storage/checkpoint.h"
#include "storage/log.h"
#include "storage/segment_files.h"
#include "storage/sim_disk.h"
#include "tests/storage/batches.h"

namespace acklab::storage {
namespace {

using protocol::Random;

const std::string directory = "orders-0";
const LogConfig config{.segment_bytes = 350, .index_interval_bytes = 100};  // four batches and two entries of an index

// Counts what is read, and passes everything on.
class ReadCounter final : public Disk {
 public:
  explicit ReadCounter(Disk& disk) : disk_(disk) {}
  std::uint64_t bytes_read = 0;

  Result<std::unique_ptr<File>, DiskError> open(const std::string& path) override {
    auto file = disk_.open(path);
    if (!file) return protocol::failure(file.error());
    return std::make_unique<Handle>(*this, std::move(*file));
  }
  bool exists(const std::string& path) const override { return disk_.exists(path); }
  Result<void, DiskError> remove(const std::string& path) override { return disk_.remove(path); }
  Result<void, DiskError> rename(const std::string& from, const std::string& to) override { return disk_.rename(from, to); }
  std::vector<std::string> list(const std::string& path) const override { return disk_.list(path); }

 private:
  class Handle final : public File {
   public:
    Handle(ReadCounter& counter, std::unique_ptr<File> file) : counter_(counter), file_(std::move(file)) {}
    std::uint64_t size() const override { return file_->size(); }
    Result<void, DiskError> append(const Bytes& bytes) override { return file_->append(bytes); }
    Result<Slice, DiskError> read(std::uint64_t position, std::size_t length) const override {
      auto slice = file_->read(position, length);
      if (slice) counter_.bytes_read += slice->size();
      return slice;
    }
    Result<void, DiskError> truncate(std::uint64_t size) override { return file_->truncate(size); }
    Result<void, DiskError> flush() override { return file_->flush(); }

   private:
    ReadCounter& counter_;
    std::unique_ptr<File> file_;
  };

  Disk& disk_;
};

class LogRecoveryTest : public ::testing::Test {
 protected:
  // A log of so many batches of two records, by two producers, in two epochs; then it is closed, or its process dies.
  LogCheckpoints write(int batches, Shutdown shutdown) {
    Log log = Log::open(*disk_, directory, config).value();
    for (int i = 0; i < batches; ++i) {
      const Producer producer{.id = i % 2, .epoch = 0, .sequence = i / 2 * 2};
      EXPECT_TRUE(log.append(batch_at({1000 + i, 1000 + i}, "v", producer), {i < 6 ? 1 : 2}).has_value());
    }
    if (shutdown == Shutdown::clean) {
      EXPECT_TRUE(log.close().has_value());
    }
    return {.start = Offset{0}, .recovery_point = log.flushed_end(), .shutdown = shutdown};
  }

  // All that can be asked of a log of 20 batches, whatever became of its files.
  static void expect_all_of_it(const Log& log) {
    EXPECT_EQ(log.end(), Offset{40});
    for (std::int64_t offset = 0; offset < 40; ++offset) {
      const auto read = log.read(Offset{offset}, log.end(), 1, true);
      ASSERT_TRUE(read.has_value()) << read.error().what;
      EXPECT_EQ(read->first_offset, Offset{offset / 2 * 2});
      EXPECT_EQ(log.find_time(1000 + offset / 2, log.end()).value()->offset, Offset{offset / 2 * 2});
    }
    EXPECT_EQ(log.epochs().end_of({1}, log.end()).end, Offset{12});
    EXPECT_EQ(log.epochs().latest(), LeaderEpoch{2});
    ASSERT_EQ(log.producer_states().producers().size(), 2U);
    EXPECT_EQ(log.producer_states().producers().at(1).batches.back().last_offset, Offset{39});
    EXPECT_EQ(log.producer_states().producers().at(1).batches.back().last_sequence.value, 19);
  }

  std::vector<std::string> files() const { return disk_->list(directory); }
  void overwrite(const std::string& name, const std::string& content) {
    ASSERT_TRUE(replace_file(*disk_, directory + "/" + name, Slice::copy_of(content)).has_value());
  }
  std::string content(const std::string& name) { return std::string(read_file(*disk_, directory + "/" + name).value().text()); }

  std::unique_ptr<SimDisk> disk_ = std::make_unique<SimDisk>(Random(1));
};

TEST_F(LogRecoveryTest, AClosedLogIsNotWalked) {
  const LogCheckpoints checkpoints = write(20, Shutdown::clean);

  const Log log = Log::open(*disk_, directory, config, checkpoints).value();

  EXPECT_EQ(log.recovery().segments_walked, 0);
  EXPECT_EQ(to_string(log.recovery()), "");
  EXPECT_EQ(log.flushed_end(), Offset{40});
  expect_all_of_it(log);
}

TEST_F(LogRecoveryTest, OnlyTheUnflushedTailIsRead) {
  std::vector<std::uint64_t> costs;
  for (const int batches : {40, 400, 4000}) {
    disk_ = std::make_unique<SimDisk>(Random(1));
    const LogCheckpoints checkpoints = write(batches, Shutdown::unclean);
    ReadCounter counter(*disk_);

    const Log log = Log::open(counter, directory, config, checkpoints).value();

    EXPECT_EQ(log.recovery().segments_walked, 1);
    EXPECT_EQ(log.end(), Offset{2 * batches});
    costs.push_back(counter.bytes_read);
  }
  // A glance at the indexes of each full segment, and no more.
  const std::uint64_t of_a_segment = OffsetIndex::entry_size + TimeIndex::entry_size;
  EXPECT_LE(costs[1] - costs[0], 90 * of_a_segment);
  EXPECT_LE(costs[2] - costs[1], 900 * of_a_segment);
}

TEST_F(LogRecoveryTest, WithoutARecoveryPointAllOfItIsWalked) {
  write(20, Shutdown::clean);

  const Log log = Log::open(*disk_, directory, config).value();

  EXPECT_EQ(log.recovery().segments_walked, 5);
  expect_all_of_it(log);
}

// Whatever is derived from the batches may be missing, empty, or nonsense.
TEST_F(LogRecoveryTest, AnyFileButTheBatchesMayBeMissingOrGarbage) {
  write(20, Shutdown::clean);
  const std::vector<std::string> names = files();
  ASSERT_EQ(names.size(), 5 * 3 + 5 + 1U) << "five segments with two indexes, snapshots, and the epochs";
  for (const Shutdown shutdown : {Shutdown::clean, Shutdown::unclean}) {
    for (const std::string& name : names) {
      if (name.ends_with(log_suffix)) continue;
      for (const char* garbage : {"missing", "x", "garbage as long as one entry of all these files may ever be, and then some"}) {
        SCOPED_TRACE(name + " is " + garbage);
        disk_ = std::make_unique<SimDisk>(Random(1));
        LogCheckpoints checkpoints = write(20, Shutdown::clean);
        checkpoints.shutdown = shutdown;
        if (std::string(garbage) == "missing") {
          ASSERT_TRUE(disk_->remove(directory + "/" + name).has_value());
        } else {
          overwrite(name, garbage);
        }

        {
          const auto log = Log::open(*disk_, directory, config, checkpoints);
          ASSERT_TRUE(log.has_value()) << log.error().what;
          expect_all_of_it(*log);
        }
        const auto again = Log::open(*disk_, directory, config, checkpoints);
        ASSERT_TRUE(again.has_value()) << again.error().what;
        expect_all_of_it(*again);
      }
    }
  }
}

TEST_F(LogRecoveryTest, AnIndexThatIsNewerThanTheBatchesIsNotBelieved) {
  const LogCheckpoints checkpoints = write(20, Shutdown::clean);
  const std::string log_name = file_name(Offset{32}, log_suffix);
  ASSERT_TRUE(disk_->open(directory + "/" + log_name).value()->truncate(batch_of(2, "v").size() + 5).has_value());

  Log log = Log::open(*disk_, directory, config, checkpoints).value();

  EXPECT_EQ(log.end(), Offset{34});
  EXPECT_NE(to_string(log.recovery()).find("cut 5 bytes"), std::string::npos) << to_string(log.recovery());
  EXPECT_EQ(log.producer_states().producers().at(1).batches.back().last_offset, Offset{31}) << "no snapshot of later batches";
  ASSERT_TRUE(log.append(batch_of(1), {2}).has_value());
}

TEST_F(LogRecoveryTest, AnEpochFileThatIsAheadOfTheBatchesIsCut) {
  const LogCheckpoints checkpoints = write(20, Shutdown::unclean);
  overwrite(leader_epoch_checkpoint, "0\n3\n1 0\n2 12\n7 90\n");

  const Log log = Log::open(*disk_, directory, config, checkpoints).value();

  expect_all_of_it(log);
  EXPECT_EQ(content(leader_epoch_checkpoint), "0\n2\n1 0\n2 12\n");
}

TEST_F(LogRecoveryTest, AMissingSegmentInTheMiddleTakesItsIndexesAlong) {
  const LogCheckpoints checkpoints = write(20, Shutdown::clean);
  ASSERT_TRUE(disk_->remove(directory + "/" + file_name(Offset{16}, log_suffix)).has_value());

  const Log log = Log::open(*disk_, directory, config, checkpoints).value();

  EXPECT_FALSE(disk_->exists(directory + "/" + file_name(Offset{16}, index_suffix)));
  EXPECT_EQ(log.read(Offset{15}, log.end(), 1, true).value().first_offset, Offset{14});
  EXPECT_EQ(log.read(Offset{17}, log.end(), 1, true).value().first_offset, Offset{24}) << "what follows the gap";
}

TEST_F(LogRecoveryTest, DraftsAndDeletedFilesGo) {
  write(20, Shutdown::clean);
  for (const char* name : {"00000000000000000008.index.tmp", "leader-epoch-checkpoint.tmp", "00000000000000000000.log.deleted",
                           "00000000000000000000.snapshot.deleted"}) {
    overwrite(name, "left behind");
  }

  const auto log = Log::open(*disk_, directory, config);

  ASSERT_TRUE(log.has_value());
  EXPECT_EQ(files().size(), 5 * 3 + 5 + 1U);
}

TEST_F(LogRecoveryTest, DeletedSegmentsTakeNoRoomAfterTheirDelay) {
  write(20, Shutdown::clean);
  LogConfig small = config;
  small.retention.bytes = 0;
  Log log = Log::open(*disk_, directory, small).value();

  EXPECT_EQ(log.delete_old_segments(Offset{20}, 0).value(), 2) << "whole ones below the high watermark";
  EXPECT_EQ(log.start(), Offset{16});
  EXPECT_TRUE(disk_->exists(directory + "/00000000000000000000.log.deleted"));
  ASSERT_TRUE(log.remove_deleted_files().has_value());
  EXPECT_EQ(files().size(), 3 * 3 + 4 + 1U);

  EXPECT_EQ(log.delete_old_segments(log.end(), 0).value(), 3) << "the last one too";
  EXPECT_EQ(log.start(), Offset{40});
  EXPECT_EQ(log.size(), 0U);
  EXPECT_EQ(log.producer_states().producers().size(), 2U) << "their producers are remembered";
  ASSERT_TRUE(log.append(batch_of(1), {3}).has_value());
  EXPECT_EQ(log.end(), Offset{41});
}

TEST_F(LogRecoveryTest, ASegmentThatIsOldByItsRecordsIsRolled) {
  LogConfig timed;
  timed.segment_ms = 100;
  Log log = Log::open(*disk_, directory, timed).value();

  for (const std::int64_t timestamp : {1000, 1100, 900, 1101, 1150, -1, 1300}) {
    ASSERT_TRUE(log.append(batch_at({timestamp}, "v"), {1}).has_value());
  }

  for (const std::int64_t base : {0, 3, 6}) EXPECT_TRUE(disk_->exists(directory + "/" + segment_name(Offset{base}))) << base;
  EXPECT_FALSE(disk_->exists(directory + "/" + segment_name(Offset{5})));
}

TEST_F(LogRecoveryTest, JitterEndsEachSegmentAtATimeOfItsOwnNeverLaterThanItsAgeAllows) {
  const auto ages = [this](const std::string& log_directory, std::uint64_t seed) {
    LogConfig jittery;
    jittery.segment_ms = 1000;
    jittery.segment_jitter_ms = 400;
    jittery.jitter_seed = seed;
    Log log = Log::open(*disk_, log_directory, jittery).value();
    std::vector<std::int64_t> ages;
    std::int64_t segment_began = 0;
    for (std::int64_t now = 0; ages.size() < 20; ++now) {
      const Offset offset = log.append(batch_at({now}, "v"), {1}).value();
      if (offset == Offset{0} || !disk_->exists(log_directory + "/" + segment_name(offset))) continue;
      ages.push_back(now - segment_began - 1);
      segment_began = now;
    }
    return ages;
  };
  const std::vector<std::int64_t> some = ages("jitter-0", 1);

  EXPECT_LE(std::ranges::max(some), 1000);
  EXPECT_GT(std::ranges::min(some), 600);
  EXPECT_GT(std::set(some.begin(), some.end()).size(), 10U) << "not all at once";
  EXPECT_NE(ages("jitter-1", 1), some) << "another partition";
  EXPECT_NE(ages("jitter-2", 2), ages("jitter-3", 1)) << "another broker";
}

TEST_F(LogRecoveryTest, ASegmentWhoseIndexIsFullIsRolled) {
  LogConfig tight = config;
  tight.segment_bytes = 1 << 20;
  tight.segment_index_bytes = 3 * OffsetIndex::entry_size;
  Log log = Log::open(*disk_, directory, tight).value();

  for (int i = 0; i < 40; ++i) ASSERT_TRUE(log.append(batch_at({i}, "v"), {1}).has_value());

  std::size_t segments = 0;
  for (const std::string& name : files()) segments += name.ends_with(log_suffix) ? 1 : 0;
  EXPECT_GT(segments, 5U);
}

// The indexes count in 32 bits from the base of their segment.
TEST_F(LogRecoveryTest, OffsetsThatAreTooFarApartGetSegmentsOfTheirOwn) {
  {
    Log log = Log::open(*disk_, directory, {}).value();
    for (const std::int64_t base : {0LL, 0x7fffffffLL, 0x80000000LL, 0x800000000LL}) {
      ASSERT_TRUE(log.append_replicated(numbered(batch_of(1), Offset{base}, {1})).has_value());
    }
  }

  const Log log = Log::open(*disk_, directory, {}).value();

  EXPECT_EQ(log.end(), Offset{0x800000001LL});
  EXPECT_TRUE(disk_->exists(directory + "/" + segment_name(Offset{0x80000000LL})));
  EXPECT_EQ(log.read(Offset{0x80000001LL}, log.end(), 1, true).value().first_offset, Offset{0x800000000LL});
}

}  // namespace
}  // namespace acklab::storage
