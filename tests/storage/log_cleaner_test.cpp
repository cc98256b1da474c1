#include "storage/log_cleaner.h"

#include <gtest/gtest.h>

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "storage/sim_disk.h"
#include "tests/storage/batches.h"

namespace acklab::storage {
namespace {

using protocol::BatchBuilder;
using protocol::Codec;
using protocol::Random;
using protocol::Record;
using Extent = SimDisk::Mishap::Extent;
using State = std::map<std::string, std::string>;

const std::string directory = "orders-0";
const LogConfig small_segments{.segment_bytes = 400, .index_interval_bytes = 100};
constexpr std::size_t much_room = 1u << 20;
constexpr Offset everything{INT64_MAX};

RecordBatch keyed(const std::string& key, const std::optional<std::string>& value, std::int32_t sequence,
                  Producer producer = {.id = 7, .epoch = 0}) {
  BatchBuilder builder(Codec::none);
  builder.append({.timestamp = 1000, .key = key, .value = value, .headers = {}});
  return RecordBatch::first(builder.seal({producer.id}, {producer.epoch}, {sequence})).value();
}

// Writes so many records to a few keys; the state that they add up to.
State fill(Log& log, int records, Random& random) {
  State state;
  for (int i = 0; i < records; ++i) {
    const std::string key(1, static_cast<char>('a' + random.below(5)));
    const std::string value = "value " + std::to_string(i);
    EXPECT_TRUE(log.append(keyed(key, value, i), LeaderEpoch{0}).has_value());
    state[key] = value;
  }
  return state;
}

// As a reader of committed data gets them.
std::vector<Record> records_of(const Log& log) {
  std::vector<Record> all;
  for (Offset at = log.start(); at < log.end();) {
    const LogRead read = log.read(at, log.end(), 1 << 20, true).value();
    EXPECT_TRUE(read.next_offset > at || read.records.empty());
    if (read.records.empty()) break;
    const std::vector<RecordBatch> batches = protocol::split_batches(read.records).value();
    CleanedTransactions transactions(log.aborted_transactions(at, read.next_offset));
    for (const RecordBatch& batch : batches) {
      EXPECT_TRUE(batch.crc_matches());
      if (batch.header().control() || transactions.meet(batch).meaning == CleanedTransactions::Meaning::aborted) continue;
      const std::vector<Record> records = protocol::read_records(batch).value();
      all.insert(all.end(), records.begin(), records.end());
    }
    at = read.next_offset;
  }
  return all;
}

State state_of(const Log& log) {
  State state;
  std::int64_t last = -1;
  for (const Record& record : records_of(log)) {
    EXPECT_GT(record.offset.value, last);
    last = record.offset.value;
    state[std::string(record.key->text())] = std::string(record.value->text());
  }
  return state;
}

Result<LogCleaner::Progress, DiskError> clean(Log& log, std::size_t bytes_a_step = 100,
                                              const CompactionRules& rules = {.now = 5000, .delete_retention_ms = 0}) {
  const auto segments = log.segment_outlines();
  if (!segments) return protocol::failure(segments.error());
  const auto plan = cleaning_due(*segments, std::nullopt, everything, {.min_cleanable_dirty_ratio = 0});
  if (!plan) return LogCleaner::Progress::done;
  LogCleaner cleaner(log, *plan, rules, much_room);
  for (;;) {
    const auto progress = cleaner.step(bytes_a_step);
    if (!progress || *progress != LogCleaner::Progress::going_on) return progress;
  }
}

TEST(LogCleaner, TheLastRecordOfEachKeyIsWhatIsLeft) {
  SimDisk disk(Random(1));
  Random random(2);
  Log log = Log::open(disk, directory, small_segments).value();
  const State state = fill(log, 100, random);
  const std::uint64_t bytes = log.size();
  const Offset end = log.end();

  ASSERT_EQ(clean(log).value(), LogCleaner::Progress::done);

  EXPECT_EQ(state_of(log), state);
  EXPECT_LT(log.size(), bytes / 4);
  EXPECT_EQ(log.end(), end);
  EXPECT_EQ(log.start(), Offset{0});
}

TEST(LogCleaner, ACleanedLogOpensAgainAsItIs) {
  SimDisk disk(Random(1));
  Random random(2);
  State state;
  Offset end;
  {
    Log log = Log::open(disk, directory, small_segments).value();
    state = fill(log, 100, random);
    ASSERT_EQ(clean(log).value(), LogCleaner::Progress::done);
    ASSERT_TRUE(log.close().has_value());
    end = log.end();
  }
  for (const Shutdown shutdown : {Shutdown::clean, Shutdown::unclean}) {
    Log log = Log::open(disk, directory, small_segments, {.recovery_point = end, .shutdown = shutdown}).value();
    EXPECT_EQ(state_of(log), state);
    EXPECT_EQ(log.end(), end);
    EXPECT_EQ(log.recovery().bytes_cut, 0u);
    const auto& producers = log.producer_states().producers();
    ASSERT_TRUE(producers.contains(7));
    EXPECT_EQ(producers.at(7).batches.back().last_sequence, protocol::Sequence{99}) << "the last batch still tells";
  }
}

TEST(LogCleaner, WhatIsAppendedMeanwhileStays) {
  SimDisk disk(Random(1));
  Random random(2);
  Log log = Log::open(disk, directory, small_segments).value();
  State state = fill(log, 60, random);
  const auto plan = cleaning_due(log.segment_outlines().value(), std::nullopt, everything, {.min_cleanable_dirty_ratio = 0});
  LogCleaner cleaner(log, plan.value(), {}, much_room);

  int appended = 60;
  while (cleaner.step(100).value() == LogCleaner::Progress::going_on) {
    const std::string value = "late " + std::to_string(appended);
    ASSERT_TRUE(log.append(keyed("z", value, appended++), LeaderEpoch{0}).has_value());
    state["z"] = value;
  }

  EXPECT_EQ(state_of(log), state);
}

TEST(LogCleaner, ALogThatWasCutMeanwhileIsLeftAlone) {
  SimDisk disk(Random(1));
  Random random(2);
  Log log = Log::open(disk, directory, small_segments).value();
  fill(log, 60, random);
  const auto plan = cleaning_due(log.segment_outlines().value(), std::nullopt, everything, {.min_cleanable_dirty_ratio = 0});
  LogCleaner cleaner(log, plan.value(), {}, much_room);
  ASSERT_EQ(cleaner.step(100).value(), LogCleaner::Progress::going_on);

  ASSERT_TRUE(log.truncate_to(Offset{5}).has_value());

  EXPECT_EQ(cleaner.step(100).value(), LogCleaner::Progress::abandoned);
}

TEST(LogCleaner, KeysWithoutRoomWaitForTheNextCleaning) {
  SimDisk disk(Random(1));
  Random random(2);
  Log log = Log::open(disk, directory, small_segments).value();
  const State state = fill(log, 100, random);
  const auto plan = cleaning_due(log.segment_outlines().value(), std::nullopt, everything, {.min_cleanable_dirty_ratio = 0});
  LogCleaner cleaner(log, plan.value(), {}, 2 * (1 + sizeof(Offset)));
  while (cleaner.step(100).value() == LogCleaner::Progress::going_on) {
  }

  EXPECT_EQ(state_of(log), state);
  EXPECT_LT(cleaner.cleaned_to(), plan->upper);
}

constexpr Producer mover{.id = 8, .epoch = 0, .sequence = 0};

// A log in which the last value of each key was never committed.
State fill_and_abort(Log& log, int records, Random& random) {
  const State state = fill(log, records, random);
  for (const auto& [key, value] : state) {
    EXPECT_TRUE(log.append(in_transaction(keyed(key, "never", 0, mover)), LeaderEpoch{0}).has_value());
  }
  EXPECT_TRUE(log.append(abort_of(mover), LeaderEpoch{0}).has_value());
  for (int i = 0; i < 12; ++i) EXPECT_TRUE(log.append(keyed("z", "last", records + i), LeaderEpoch{0}).has_value());
  return state_of(log);
}

TEST(LogCleaner, WhatWasAbortedGoesAndTakesNothingsPlace) {
  SimDisk disk(Random(1));
  Random random(2);
  Log log = Log::open(disk, directory, small_segments).value();
  const State state = fill_and_abort(log, 40, random);
  ASSERT_EQ(state.at("a").substr(0, 5), "value");

  for (int round = 0; round < 3; ++round) {
    ASSERT_EQ(clean(log).value(), LogCleaner::Progress::done);
    EXPECT_EQ(state_of(log), state);
  }

  const std::vector<RecordBatch> batches = protocol::split_batches(log.read({0}, log.end(), 1 << 20, true)->records).value();
  for (const RecordBatch& batch : batches) EXPECT_TRUE(!batch.header().transactional() || batch.header().records_count == 0);
}

// The producer has sent something since, so that no batch of the transaction has to tell of it.
TEST(LogCleaner, AMarkerStaysWhileSomethingOfItsTransactionDoesAndThenAsLongAsATombstone) {
  for (const bool aborted : {false, true}) {
    SimDisk disk(Random(1));
    Log log = Log::open(disk, directory, small_segments).value();
    ASSERT_TRUE(log.append(in_transaction(keyed("a", "1", 0, mover)), LeaderEpoch{0}).has_value());
    ASSERT_TRUE(log.append(aborted ? abort_of(mover) : commit_of(mover), LeaderEpoch{0}).has_value());
    ASSERT_TRUE(log.append(keyed("a", "2", 1, mover), LeaderEpoch{0}).has_value());
    for (int i = 0; i < 12; ++i) ASSERT_TRUE(log.append(keyed("z", "last", i), LeaderEpoch{0}).has_value());
    const auto markers = [&] {
      int count = 0;
      const std::vector<RecordBatch> batches = protocol::split_batches(log.read({0}, log.end(), 1 << 20, true)->records).value();
      for (const RecordBatch& batch : batches) count += batch.header().control() ? 1 : 0;
      return count;
    };

    ASSERT_EQ(clean(log, 100, {.now = 5000, .delete_retention_ms = 1000}).value(), LogCleaner::Progress::done);
    EXPECT_EQ(markers(), 1) << "its data went just now";
    EXPECT_EQ(log.aborted_transactions({0}, log.end()).size(), aborted ? 1U : 0U);
    ASSERT_EQ(clean(log, 100, {.now = 6000, .delete_retention_ms = 1000}).value(), LogCleaner::Progress::done);
    EXPECT_EQ(markers(), 1) << "its time begins";
    EXPECT_TRUE(log.aborted_transactions({0}, log.end()).empty());
    ASSERT_EQ(clean(log, 100, {.now = 6999, .delete_retention_ms = 1000}).value(), LogCleaner::Progress::done);
    EXPECT_EQ(markers(), 1);
    ASSERT_EQ(clean(log, 100, {.now = 7000, .delete_retention_ms = 1000}).value(), LogCleaner::Progress::done);
    EXPECT_EQ(markers(), 0);
    EXPECT_EQ(log.last_stable_offset(log.end()), log.end());
  }
}

TEST(LogCleaner, TheLastMarkerOfAProducerStaysWithoutItsRecordForTheEpoch) {
  SimDisk disk(Random(1));
  Log log = Log::open(disk, directory, small_segments).value();
  ASSERT_TRUE(log.append(abort_of({.id = 8, .epoch = 4}), LeaderEpoch{0}).has_value());
  for (int i = 0; i < 12; ++i) ASSERT_TRUE(log.append(keyed("z", "last", i), LeaderEpoch{0}).has_value());

  for (int round = 0; round < 3; ++round) ASSERT_EQ(clean(log).value(), LogCleaner::Progress::done);

  const RecordBatch first = protocol::split_batches(log.read({0}, log.end(), 1 << 20, true)->records).value().front();
  EXPECT_TRUE(first.header().control());
  EXPECT_EQ(first.header().records_count, 0);
  EXPECT_EQ(first.header().producer_epoch.value, 4);
}

// Every disk call of a cleaning fails, or is the last of its node: the log opens again, and reads as before.
TEST(LogCleaner, EveryDiskCallMayBeTheLast) {
  for (const bool power : {false, true}) {
    for (const Extent extent : {Extent::nothing, Extent::part, Extent::all}) {
      bool all_calls_made = false;
      for (std::int64_t nth = 1; !all_calls_made; ++nth) {
        ASSERT_LT(nth, 2000) << "it never ends";
        SCOPED_TRACE("call " + std::to_string(nth) + (power ? ", power loss" : ", kill"));
        SimDisk disk(Random(static_cast<std::uint64_t>(nth)));
        Random random(2);
        State state;
        {
          Log log = Log::open(disk, directory, small_segments).value();
          state = fill_and_abort(log, 40, random);
          ASSERT_TRUE(log.flush().has_value());
          disk.go_wrong({.nth = nth, .extent = extent});
          all_calls_made = clean(log).has_value();
        }
        power ? disk.power_loss() : disk.kill();
        disk.revive();
        disk.mend();

        const auto log = Log::open(disk, directory, small_segments);
        ASSERT_TRUE(log.has_value()) << log.error().what;
        EXPECT_EQ(state_of(*log), state);
        for (const std::string& name : disk.list(directory)) {
          EXPECT_FALSE(name.ends_with(cleaned_suffix) || name.ends_with(swap_suffix)) << name << " was left";
        }
      }
    }
  }
}

}  // namespace
}  // namespace acklab::storage
