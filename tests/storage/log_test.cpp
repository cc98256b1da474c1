#include "storage/log.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <vector>

#include "storage/real_disk.h"
#include "storage/sim_disk.h"
#include "tests/storage/batches.h"

namespace acklab::storage {
namespace {

using protocol::Random;

const std::string directory = "orders-0";

LeaderEpoch epoch(std::int32_t value) { return {value}; }

class LogTest : public ::testing::Test {
 protected:
  Log open(LogConfig config = {}) { return Log::open(disk_, directory, config).value(); }

  // Appends `count` batches of two records in this epoch.
  static void fill(Log& log, int count, std::int32_t in_epoch = 0) {
    for (int i = 0; i < count; ++i) ASSERT_TRUE(log.append(batch_of(2), epoch(in_epoch)).has_value());
  }

  static std::vector<RecordBatch> all_of(const Log& log) {
    std::vector<RecordBatch> batches;
    for (Offset from = log.start(); from < log.end();) {
      const LogRead read = log.read(from, log.end(), 1 << 20, true).value();
      const std::vector<RecordBatch> part = protocol::split_batches(read.records).value();
      batches.insert(batches.end(), part.begin(), part.end());
      from = read.next_offset;
    }
    return batches;
  }

  SimDisk disk_{Random(1)};
};

TEST_F(LogTest, ALeaderNumbersBatchesFromTheLogEnd) {
  Log log = open();

  EXPECT_EQ(log.append(batch_of(3), epoch(5)).value(), Offset{0});
  EXPECT_EQ(log.append(batch_of(2), epoch(5)).value(), Offset{3});

  EXPECT_EQ(log.start(), Offset{0});
  EXPECT_EQ(log.end(), Offset{5});
  const std::vector<RecordBatch> batches = all_of(log);
  ASSERT_EQ(batches.size(), 2U);
  EXPECT_EQ(batches[1].header().base_offset, Offset{3});
  EXPECT_EQ(batches[1].header().leader_epoch, epoch(5));
  EXPECT_TRUE(batches[1].crc_matches());
}

TEST_F(LogTest, AFollowerStoresTheLeadersBytes) {
  Log log = open();
  const RecordBatch first = numbered(batch_of(3), Offset{0}, epoch(2));
  const RecordBatch second = numbered(batch_of(1), Offset{3}, epoch(4));

  ASSERT_TRUE(log.append_replicated(first).has_value());
  ASSERT_TRUE(log.append_replicated(second).has_value());

  const std::vector<RecordBatch> batches = all_of(log);
  ASSERT_EQ(batches.size(), 2U);
  EXPECT_EQ(batches[0].bytes(), first.bytes());
  EXPECT_EQ(batches[1].bytes(), second.bytes());
  EXPECT_EQ(log.epochs().end_of(epoch(2), log.end()), (EpochEnd{epoch(2), Offset{3}}));
}

TEST_F(LogTest, AReadBeginsWithTheBatchThatContainsTheOffset) {
  Log log = open();
  fill(log, 3);

  const LogRead read = log.read(Offset{3}, log.end(), 1 << 20, true).value();

  EXPECT_EQ(read.first_offset, Offset{2});
  EXPECT_EQ(read.next_offset, Offset{6});
}

TEST_F(LogTest, AReadStaysBelowItsUpperBoundAndItsLimit) {
  Log log = open();
  fill(log, 4);
  const std::size_t size = batch_of(2).size();
  const struct {
    const char* why;
    std::int64_t from, upper;
    std::size_t max_bytes;
    bool at_least_one;
    std::int64_t next;
  } cases[] = {
      {"all", 0, 8, 4 * size, false, 8},
      {"the high watermark bounds a consumer", 0, 4, 4 * size, false, 4},
      {"a batch that goes over the bound is left out", 0, 5, 4 * size, false, 4},
      {"bounds are offsets of records", 0, 1, 4 * size, true, 0},
      {"whole batches only", 0, 8, 2 * size + 1, false, 4},
      {"exactly two", 0, 8, 2 * size, false, 4},
      {"none fits", 0, 8, size - 1, false, 0},
      {"none fits, but one has to be", 0, 8, size - 1, true, 2},
      {"nothing at the end", 8, 8, 4 * size, true, 8},
      {"nothing behind the bound", 4, 4, 4 * size, true, 4},
      {"a bound behind the end", 6, 100, 4 * size, false, 8},
  };
  for (const auto& c : cases) {
    const LogRead read = log.read(Offset{c.from}, Offset{c.upper}, c.max_bytes, c.at_least_one).value();

    EXPECT_EQ(read.next_offset.value, c.next) << c.why;
    EXPECT_EQ(read.records.empty(), c.next == c.from) << c.why;
  }
}

TEST_F(LogTest, AFullSegmentIsFlushedAndANewOneBegins) {
  const std::size_t size = batch_of(2).size();
  Log log = open({.segment_bytes = 2 * size});

  fill(log, 5);

  EXPECT_EQ(disk_.list(directory),
            (std::vector<std::string>{"00000000000000000000.index", "00000000000000000000.log", "00000000000000000000.timeindex",
                                      "00000000000000000004.index", "00000000000000000004.log", "00000000000000000004.snapshot",
                                      "00000000000000000004.timeindex", "00000000000000000008.log",
                                      "00000000000000000008.snapshot", "leader-epoch-checkpoint"}));
  EXPECT_EQ(log.flushed_end(), Offset{8});
  EXPECT_EQ(all_of(log).size(), 5U);
}

TEST_F(LogTest, ABatchLargerThanASegmentGetsOneOfItsOwn) {
  Log log = open({.segment_bytes = 10});

  fill(log, 3);

  EXPECT_EQ(all_of(log).size(), 3U);
  EXPECT_EQ(open({.segment_bytes = 10}).end(), Offset{6});
}

TEST_F(LogTest, FlushMessagesFlushesAfterThatManyRecords) {
  Log log = open({.flush_messages = 4});

  fill(log, 1);
  EXPECT_EQ(log.flushed_end(), Offset{0});
  fill(log, 1);
  EXPECT_EQ(log.flushed_end(), Offset{4});
  disk_.power_loss();
  disk_.revive();

  EXPECT_EQ(open().end(), Offset{4});
}

TEST_F(LogTest, ReopeningFindsBatchesEpochsAndProducerStates) {
  {
    Log log = open();
    ASSERT_TRUE(log.append(batch_of(2, "a", {.id = 7, .epoch = 0, .sequence = 0}), epoch(0)).has_value());
    ASSERT_TRUE(log.append(batch_of(3, "b", {.id = 7, .epoch = 0, .sequence = 2}), epoch(3)).has_value());
    disk_.kill();
    disk_.revive();
  }

  const Log log = open();

  EXPECT_EQ(log.end(), Offset{5});
  EXPECT_EQ(log.recovery().bytes_cut, 0U);
  EXPECT_EQ(log.epochs().entries().size(), 2U);
  EXPECT_EQ(log.epochs().latest(), epoch(3));
  const RecordBatch retry = batch_of(3, "b", {.id = 7, .epoch = 0, .sequence = 2});
  EXPECT_EQ(log.producer_states().check(retry.header()).value().verdict, ProducerStates::Verdict::duplicate);
}

TEST_F(LogTest, AnEpochWithoutABatchSurvives) {
  {
    Log log = open();
    fill(log, 2, 1);
    ASSERT_TRUE(log.flush().has_value());
    ASSERT_TRUE(log.assign_epoch(epoch(4)).has_value());
    EXPECT_EQ(log.epochs().latest(), epoch(4));
    disk_.power_loss();
    disk_.revive();
  }

  EXPECT_EQ(open().epochs().latest(), epoch(4));
}

TEST_F(LogTest, AnEpochWithoutABatchIsForgottenWithTheBatchesBeforeIt) {
  Log log = open();
  fill(log, 2, 1);
  ASSERT_TRUE(log.assign_epoch(epoch(4)).has_value());

  ASSERT_TRUE(log.truncate_to(Offset{2}).has_value());

  EXPECT_EQ(log.epochs().latest(), epoch(1));
  EXPECT_EQ(open().epochs().latest(), epoch(1));
}

// The replica became leader at the end, and the next leader was elected before it appended anything.
TEST_F(LogTest, TruncationToTheLogEndForgetsAnEpochWithoutABatch) {
  Log log = open();
  fill(log, 2, 1);
  ASSERT_TRUE(log.assign_epoch(epoch(4)).has_value());

  ASSERT_TRUE(log.truncate_to(log.end()).has_value());

  EXPECT_EQ(log.end(), Offset{4});
  EXPECT_EQ(log.epochs().latest(), epoch(1));
}

// The story at Log::State::recover_last_epoch, with the moment of the power loss picked by the seed.
TEST_F(LogTest, AnEpochOfOtherBatchesIsNotBelieved) {
  int old_bytes_back = 0;
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    SimDisk disk{Random(seed)};
    {
      Log log = Log::open(disk, directory, {}).value();
      fill(log, 2, 2);  // 0 to 4
      fill(log, 2, 3);  // 4 to 8, in an epoch that the next leader does not know
      ASSERT_TRUE(log.flush().has_value());
      ASSERT_TRUE(log.truncate_to(Offset{4}).has_value());
      fill(log, 2, 2);  // 4 to 8 as the next leader has it
      ASSERT_TRUE(log.assign_epoch(epoch(4)).has_value());
      disk.power_loss();
      disk.revive();
    }

    const Log log = Log::open(disk, directory, {}).value();

    if (log.epochs().end_of(epoch(3), log.end()) == EpochEnd{epoch(3), Offset{8}}) {
      ++old_bytes_back;
      EXPECT_EQ(log.epochs().latest(), epoch(3)) << "seed " << seed;
    }
  }
  EXPECT_GT(old_bytes_back, 0) << "the power loss never brought the old bytes back";
}

TEST_F(LogTest, TruncationDropsABatchThatContainsTheOffset) {
  Log log = open();
  fill(log, 3);

  ASSERT_TRUE(log.truncate_to(Offset{3}).has_value());

  EXPECT_EQ(log.end(), Offset{2});
  EXPECT_EQ(log.append(batch_of(1), epoch(1)).value(), Offset{2});
  EXPECT_EQ(all_of(log).size(), 2U);
}

TEST_F(LogTest, TruncationReachesBackOverSegments) {
  const std::size_t size = batch_of(2).size();
  Log log = open({.segment_bytes = 2 * size});
  fill(log, 7);

  ASSERT_TRUE(log.truncate_to(Offset{4}).has_value());

  EXPECT_EQ(log.end(), Offset{4});
  fill(log, 2);
  EXPECT_EQ(all_of(log).size(), 4U);
  EXPECT_EQ(open({.segment_bytes = 2 * size}).end(), Offset{8});
}

TEST_F(LogTest, TruncationForgetsTheBatchesOfAProducer) {
  Log log = open();
  const RecordBatch first = batch_of(2, "a", {.id = 7, .epoch = 0, .sequence = 0});
  const RecordBatch second = batch_of(2, "b", {.id = 7, .epoch = 0, .sequence = 2});
  ASSERT_TRUE(log.append(first, epoch(0)).has_value());
  ASSERT_TRUE(log.append(second, epoch(0)).has_value());

  ASSERT_TRUE(log.truncate_to(Offset{2}).has_value());

  EXPECT_EQ(log.producer_states().check(first.header()).value().verdict, ProducerStates::Verdict::duplicate);
  EXPECT_EQ(log.producer_states().check(second.header()).value().verdict, ProducerStates::Verdict::append);
}

TEST_F(LogTest, ResetStartsAgainAtTheOffset) {
  Log log = open({.segment_bytes = 200});
  fill(log, 5, 1);

  ASSERT_TRUE(log.reset_to(Offset{100}).has_value());

  EXPECT_EQ(log.start(), Offset{100});
  EXPECT_EQ(log.end(), Offset{100});
  EXPECT_TRUE(log.epochs().entries().empty());
  ASSERT_TRUE(log.append_replicated(numbered(batch_of(2), Offset{100}, epoch(6))).has_value());
  EXPECT_EQ(all_of(log).size(), 1U);
  disk_.power_loss();
  disk_.revive();
  EXPECT_EQ(open().start(), Offset{100});
}

TEST_F(LogTest, ResetToTheLogStartEmptiesTheLog) {
  Log log = open();
  fill(log, 5, 1);

  ASSERT_TRUE(log.reset_to(Offset{0}).has_value());

  EXPECT_EQ(log.end(), Offset{0});
  EXPECT_EQ(open().end(), Offset{0});
}

TEST_F(LogTest, FindsTheFirstRecordFromATimestampOn) {
  Log log = open({.segment_bytes = 300, .index_interval_bytes = 100});
  ASSERT_TRUE(log.append(batch_at({10, 20, 30}, "a"), epoch(0)).has_value());  // offsets 0 to 2
  ASSERT_TRUE(log.append(batch_at({50, 40}, "b"), epoch(0)).has_value());      // 3 and 4: producers' clocks may go back
  ASSERT_TRUE(log.append(batch_at({45, 45}, "c"), epoch(0)).has_value());      // 5 and 6
  ASSERT_TRUE(log.append(batch_at({60}, "d"), epoch(0)).has_value());          // 7
  const struct {
    std::int64_t timestamp, upper, offset, found;
  } cases[] = {
      {0, 8, 0, 10},  {11, 8, 1, 20},  {30, 8, 2, 30},  {31, 8, 3, 50},  {45, 8, 3, 50}, {51, 8, 7, 60},
      {60, 8, 7, 60}, {61, 8, -1, -1}, {60, 7, -1, -1}, {30, 2, -1, -1}, {0, 0, -1, -1},
  };
  for (const auto& c : cases) {
    const auto found = log.find_time(c.timestamp, Offset{c.upper}).value();

    EXPECT_EQ(found ? found->offset.value : -1, c.offset) << "timestamp " << c.timestamp << " below " << c.upper;
    EXPECT_EQ(found ? found->timestamp : -1, c.found) << "timestamp " << c.timestamp << " below " << c.upper;
  }
}

TEST_F(LogTest, TheStartMovesUpAndNoFurtherDown) {
  Log log = open();
  fill(log, 2, 1);  // 0 to 4
  fill(log, 2, 3);  // 4 to 8

  ASSERT_TRUE(log.advance_start(Offset{5}).has_value());
  ASSERT_TRUE(log.advance_start(Offset{2}).has_value());

  EXPECT_EQ(log.start(), Offset{5});
  EXPECT_EQ(log.end(), Offset{8});
  EXPECT_EQ(log.epochs().end_of(epoch(1), log.end()), (EpochEnd{epoch(1), Offset{5}})) << "epoch 3 is all that is known";
  EXPECT_EQ(log.read(Offset{5}, log.end(), 1 << 20, true).value().first_offset, Offset{4}) << "batches are not cut";
  EXPECT_EQ(log.find_time(0, log.end()).value()->offset, Offset{5});
}

TEST_F(LogTest, TheStartIsWhatTheCheckpointSays) {
  {
    Log log = open();
    fill(log, 4, 1);
    ASSERT_TRUE(log.assign_epoch(epoch(2)).has_value());
    ASSERT_TRUE(log.advance_start(Offset{5}).has_value());
  }

  EXPECT_EQ(open().start(), Offset{0}) << "no checkpoint was written";
  EXPECT_EQ(open().epochs().latest(), epoch(2));
  const Log log = Log::open(disk_, directory, {}, {.start = Offset{5}}).value();
  EXPECT_EQ(log.start(), Offset{5});
  EXPECT_EQ(log.end(), Offset{8});
  EXPECT_EQ(log.epochs().latest(), epoch(2));
}

TEST_F(LogTest, ALogThatEndsBeforeItsStartBeginsAnewThere) {
  fill(*std::make_unique<Log>(open()), 4, 1);

  const Log log = Log::open(disk_, directory, {}, {.start = Offset{20}}).value();

  EXPECT_EQ(log.start(), Offset{20});
  EXPECT_EQ(log.end(), Offset{20});
}

TEST_F(LogTest, ATruncationBelowTheStartTakesItAlong) {
  Log log = open();
  fill(log, 4, 1);
  ASSERT_TRUE(log.advance_start(Offset{6}).has_value());

  ASSERT_TRUE(log.truncate_to(Offset{2}).has_value());

  EXPECT_EQ(log.start(), Offset{2});
  EXPECT_EQ(log.end(), Offset{2});
}

// Compaction on the leader leaves them.
TEST_F(LogTest, OffsetsMayHaveGaps) {
  const LogConfig config{.segment_bytes = 300, .index_interval_bytes = 100};
  {
    Log log = open(config);
    for (const std::int64_t base : {0, 10, 20, 21, 50, 60, 90}) {
      ASSERT_TRUE(log.append_replicated(numbered(batch_of(1), Offset{base}, epoch(1))).has_value());
    }
  }

  const Log log = open(config);

  EXPECT_EQ(log.end(), Offset{91});
  ASSERT_EQ(all_of(log).size(), 7U);
  const struct {
    std::int64_t from, first;
  } cases[] = {{0, 0}, {1, 10}, {10, 10}, {11, 20}, {21, 21}, {22, 50}, {51, 60}, {61, 90}, {90, 90}};
  for (const auto& c : cases) {
    EXPECT_EQ(log.read(Offset{c.from}, log.end(), 1, true).value().first_offset, Offset{c.first}) << "from " << c.from;
  }
}

TEST_F(LogTest, ATailTornAtAnyByteIsCutAtTheLastWholeBatch) {
  const std::size_t size = batch_of(2).size();
  for (std::size_t left = 0; left <= size; ++left) {
    SimDisk disk{Random(1)};
    Log written = Log::open(disk, directory, {}).value();
    fill(written, 3);
    ASSERT_TRUE(disk.open(directory + "/" + segment_name(Offset{0})).value()->truncate(2 * size + left).has_value());

    Log log = Log::open(disk, directory, {}).value();

    const bool whole = left == size;
    ASSERT_EQ(log.end(), Offset{whole ? 6 : 4}) << left << " bytes left";
    EXPECT_EQ(log.recovery().bytes_cut, whole ? 0 : left);
    ASSERT_TRUE(log.append(batch_of(1), epoch(0)).has_value());
    EXPECT_EQ(Log::open(disk, directory, {}).value().end(), Offset{whole ? 7 : 5});
  }
}

TEST_F(LogTest, AByteThatChangedIsFoundUnlessTheLeaderSetsIt) {
  const std::size_t size = batch_of(2).size();
  for (std::size_t at = 0; at < size; ++at) {
    if (at < 8 || (at >= 12 && at < 16)) continue;  // baseOffset and partitionLeaderEpoch lie outside the checksum
    SimDisk disk{Random(1)};
    Log written = Log::open(disk, directory, {}).value();
    fill(written, 2);
    const auto file = disk.open(directory + "/" + segment_name(Offset{0})).value();
    std::string tail(file->read(size, size).value().text());
    tail[at] = static_cast<char>(tail[at] ^ 1);
    ASSERT_TRUE(file->truncate(size).has_value());
    ASSERT_TRUE(file->append(Slice::copy_of(tail)).has_value());

    EXPECT_EQ(Log::open(disk, directory, {}).value().end(), Offset{2}) << "byte " << at;
  }
}

TEST_F(LogTest, SegmentsBehindATornOneAreDropped) {
  const std::size_t size = batch_of(2).size();
  Log written = open({.segment_bytes = 2 * size});
  fill(written, 6);
  ASSERT_TRUE(disk_.open(directory + "/" + segment_name(Offset{4})).value()->truncate(size + 10).has_value());

  const Log log = open({.segment_bytes = 2 * size});

  EXPECT_EQ(log.end(), Offset{6});
  EXPECT_EQ(log.recovery().bytes_cut, 10 + 2 * size);
  EXPECT_FALSE(disk_.exists(directory + "/" + segment_name(Offset{8})));
}

TEST_F(LogTest, OtherFilesInTheDirectoryAreLeftAlone) {
  for (const char* name : {"partition.metadata", "0.log", "00000000000000000007.logx", "-0000000000000000007.log"}) {
    ASSERT_TRUE(disk_.open(directory + "/" + name).value()->append(Slice::copy_of("not ours")).has_value());
  }

  Log log = open();
  fill(log, 1);

  EXPECT_EQ(log.end(), Offset{2});
  EXPECT_EQ(disk_.list(directory).size(), 6U) << "with a segment and the leader epochs";
}

TEST_F(LogTest, ASliceReadBeforeATruncationStaysWhatItWas) {
  Log log = open();
  fill(log, 3);
  const LogRead read = log.read(Offset{0}, log.end(), 1 << 20, false).value();
  const Slice before = Slice::copy_of(read.records.view());

  ASSERT_TRUE(log.truncate_to(Offset{0}).has_value());
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(log.append(batch_of(2, "other"), epoch(1)).has_value());

  EXPECT_EQ(read.records, before);
}

TEST(LogOnRealFiles, KeepsItsBatches) {
  std::string root = (std::filesystem::temp_directory_path() / "acklab-log-XXXXXX").string();
  ASSERT_NE(::mkdtemp(root.data()), nullptr);
  RealDisk disk(root);
  const LogConfig config{.segment_bytes = 200};
  {
    Log log = Log::open(disk, directory, config).value();
    for (int i = 0; i < 5; ++i) ASSERT_TRUE(log.append(batch_of(2), epoch(3)).has_value());
    ASSERT_TRUE(log.truncate_to(Offset{8}).has_value());
    ASSERT_TRUE(log.flush().has_value());
  }

  const Log log = Log::open(disk, directory, config).value();

  EXPECT_EQ(log.end(), Offset{8});
  EXPECT_EQ(log.epochs().latest(), epoch(3));
  EXPECT_EQ(log.read(Offset{2}, Offset{8}, 1, true).value().next_offset, Offset{4});
  std::filesystem::remove_all(root);
}

TEST(SegmentName, HasTwentyDigits) {
  EXPECT_EQ(segment_name(Offset{1500}), "00000000000000001500.log");
  EXPECT_EQ(base_of_segment_name("00000000000000001500.log"), Offset{1500});
  for (const char* name : {"", ".log", "1500.log", "0000000000000000150x.log", "-0000000000000000007.log",
                           "99999999999999999999.log", "00000000000000001500.log.deleted", "00000000000000001500.idx"}) {
    EXPECT_EQ(base_of_segment_name(name), std::nullopt) << name;
  }
}

}  // namespace
}  // namespace acklab::storage
