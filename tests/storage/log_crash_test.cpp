// Every disk call of a log's life is once the last one.
#include <gtest/gtest.h>

#include <functional>
#include <optional>
#include <string>

#include "storage/log.h"
#include "storage/sim_disk.h"
#include "tests/storage/batches.h"
#include "tests/storage/log_model.h"

namespace acklab::storage {
namespace {

using protocol::Random;
using Extent = SimDisk::Mishap::Extent;
constexpr auto extents = {Extent::nothing, Extent::part, Extent::all};

const std::string directory = "orders-0";
const LogConfig config{.segment_bytes = 200, .index_interval_bytes = 100};  // two batches, more or less

// A life with all that can happen to a log, up to the first call that fails.
class Life {
 public:
  Life(Disk& disk, LogModel& model) : disk_(disk), model_(model) {
    auto opened = Log::open(disk, directory, config);
    if (!opened) return;
    log_.emplace(std::move(*opened));
    lead(0) && append(5) && flush() && lead(1) && append(3) &&  //
        truncate_to(Offset{9}) && replicate(2, 4) && flush() && lead(5) && truncate_to(model_.end()) && replicate(6, 1) &&
        truncate_to(Offset{1}) && replicate(7, 3) && reset_to(Offset{50}) && replicate(8, 3) && flush() &&
        reset_to(model_.start()) && replicate(9, 3) && append(1) && reset_to(Offset{90}) && append(7) && retain(300) &&
        remove_deleted_files() && append(2) && close() && append(2) && retain(0) && append(1) && abort_a_transaction() &&
        abort_a_transaction() && close() && truncate_to(before_the_last_marker_) && flush() && abort_a_transaction() &&
        retain(200) && remove_deleted_files();
  }

  // Null if it could not even be opened.
  Log* log() { return log_ ? &*log_ : nullptr; }

 private:
  bool append(int batches) {
    for (int i = 0; i < batches; ++i) {
      const RecordBatch batch = batch_of(2, "led", {.id = 7, .epoch = 0, .sequence = sequence_});
      sequence_ += 2;
      if (!append(batch)) return false;
    }
    return true;
  }
  bool replicate(std::int32_t in_epoch, int batches) {
    epoch_ = LeaderEpoch{in_epoch};
    for (int i = 0; i < batches; ++i) {
      const RecordBatch batch = numbered(batch_of(2, "replicated"), model_.end(), epoch_);
      model_.append(batch);
      if (!done(log_->append_replicated(batch))) return false;
    }
    return true;
  }
  // It begins in one segment and ends in another.
  bool abort_a_transaction() {
    for (int i = 0; i < 3; ++i) {
      if (!append(in_transaction(batch_of(1, "transferred", {.id = 8, .epoch = 0, .sequence = 0})))) return false;
    }
    before_the_last_marker_ = model_.end();
    return append(abort_of({.id = 8, .epoch = 0}));
  }
  bool append(const RecordBatch& batch) {
    model_.append(numbered(batch, model_.end(), epoch_));
    return done(log_->append(batch, epoch_));
  }
  bool lead(std::int32_t in_epoch) {
    epoch_ = LeaderEpoch{in_epoch};
    model_.assign_epoch(epoch_);
    return done(log_->assign_epoch(epoch_));
  }
  bool truncate_to(Offset offset) {
    model_.truncate_to(offset);
    return done(log_->truncate_to(offset));
  }
  bool reset_to(Offset offset) {
    model_.reset_to(offset);
    if (!done(log_->reset_to(offset))) return false;
    model_.flushed();
    return true;
  }
  // Segments may go one by one until so many bytes are left.
  bool retain(std::int64_t bytes) {
    LogConfig small = config;
    small.retention.bytes = bytes;
    log_->configure(small);
    for (const std::string& name : disk_.list(directory)) {
      if (const auto base = base_of_segment_name(name)) model_.may_delete_before(*base);
    }
    model_.may_delete_before(log_->end());
    const auto deleted = log_->delete_old_segments(log_->end(), 0);
    if (!deleted) return false;
    model_.deleted_before(log_->start());
    return done(deleted);
  }
  bool remove_deleted_files() { return done(log_->remove_deleted_files()); }
  bool close() {
    if (!done(log_->close())) return false;
    model_.flushed();
    return true;
  }
  bool flush() {
    if (!done(log_->flush())) return false;
    model_.flushed();
    return true;
  }

  template <class T>
  bool done(const Result<T, DiskError>& result) {
    if (!result) return false;
    model_.flushed_up_to(log_->flushed_end());
    return true;
  }

  Disk& disk_;
  LogModel& model_;
  std::optional<Log> log_;
  LeaderEpoch epoch_{0};
  std::int32_t sequence_ = 0;
  Offset before_the_last_marker_;
};

// Runs that life again and again, and its n-th call goes wrong, until the life has fewer calls. `afterwards` looks at what is left.
void for_each_call(Extent extent, const std::function<void(SimDisk&)>& crash,
                   const std::function<void(SimDisk&, Life&, LogModel&)>& afterwards) {
  std::int64_t n = 1;
  for (bool reached = true; reached && !::testing::Test::HasFatalFailure(); ++n) {
    SCOPED_TRACE("call " + std::to_string(n));
    SimDisk disk{Random(static_cast<std::uint64_t>(n))};
    std::function<void()> crash_here;
    if (crash) crash_here = [&] { crash(disk); };
    disk.go_wrong({.nth = n, .extent = extent, .crash = crash_here});
    LogModel model;

    Life life(disk, model);

    reached = disk.calls() >= n;
    disk.mend();
    afterwards(disk, life, model);
  }
  EXPECT_GT(n, 100) << "the life is too short to show anything";
}

void expect_that_it_reopens_and_goes_on(SimDisk& disk, LogModel& model) {
  disk.revive();
  // What was flushed need not be walked.
  auto log = Log::open(disk, directory, config, {.start = Offset{0}, .recovery_point = model.safe_end()});
  ASSERT_TRUE(log.has_value()) << log.error().what;
  model.expect_recovered(*log);
  if (::testing::Test::HasFatalFailure()) return;

  const RecordBatch batch = numbered(batch_of(1), model.end(), LeaderEpoch{100});
  model.append(batch);
  ASSERT_TRUE(log->append_replicated(batch).has_value());
  model.expect_equal(*log);
}

TEST(LogCrash, AfterAKillAtAnyDiskCallTheLogReopensWithAllThatWasFlushed) {
  for (const Extent extent : extents) {
    for_each_call(
        extent, [](SimDisk& disk) { disk.kill(); },
        [](SimDisk& disk, Life&, LogModel& model) { expect_that_it_reopens_and_goes_on(disk, model); });
  }
}

TEST(LogCrash, AfterAPowerLossAtAnyDiskCallTheLogReopensWithAllThatWasFlushed) {
  for (const Extent extent : extents) {
    for_each_call(
        extent, [](SimDisk& disk) { disk.power_loss(); },
        [](SimDisk& disk, Life&, LogModel& model) { expect_that_it_reopens_and_goes_on(disk, model); });
  }
}

// A log of several segments loses its power, and then the n-th call of its recovery goes wrong, for every n.
TEST(LogCrash, ARecoveryThatIsCutShortAtAnyDiskCallCanBeginAnew) {
  for (const Extent extent : extents) {
    for (const bool crashes : {false, true}) {
      std::int64_t n = 1;
      for (bool reached = true; reached && !HasFatalFailure(); ++n) {
        SCOPED_TRACE("call " + std::to_string(n));
        SimDisk disk{Random(static_cast<std::uint64_t>(n))};
        LogModel model;
        {
          Log log = Log::open(disk, directory, config).value();
          for (int i = 0; i < 12; ++i) {
            const Producer producer{.id = 8, .epoch = 0, .sequence = 0};
            const RecordBatch sent = i % 4 == 3 ? abort_of(producer) : in_transaction(batch_of(2, "transferred", producer));
            const RecordBatch batch = numbered(sent, model.end(), LeaderEpoch{i / 5});
            model.append(batch);
            ASSERT_TRUE(log.append_replicated(batch).has_value());
          }
          model.flushed_up_to(log.flushed_end());
        }
        disk.power_loss();
        disk.revive();
        const std::int64_t before = disk.calls();
        const std::function<void()> crash = [&] { disk.power_loss(); };
        disk.go_wrong({.nth = n, .extent = extent, .crash = crashes ? crash : nullptr});

        { const auto cut_short = Log::open(disk, directory, config); }

        reached = disk.calls() - before >= n;
        disk.mend();
        disk.kill();
        expect_that_it_reopens_and_goes_on(disk, model);
      }
      EXPECT_GT(n, 20) << "the recovery is too short to show anything";
    }
  }
}

TEST(LogCrash, AfterAFailedDiskCallTheLogCanBeReadButRefusesChangesUntilItIsOpenedAgain) {
  for (const Extent extent : {Extent::nothing, Extent::part}) {
    for_each_call(extent, nullptr, [](SimDisk& disk, Life& life, LogModel& model) {
      if (Log* log = life.log(); log != nullptr && log->failed()) {
        model.expect_possible(*log);
        EXPECT_FALSE(log->append(batch_of(1), LeaderEpoch{100}).has_value());
        EXPECT_FALSE(log->append_replicated(batch_of(1)).has_value());
        EXPECT_FALSE(log->truncate_to(log->start()).has_value());
        EXPECT_FALSE(log->reset_to(Offset{70}).has_value());
        EXPECT_FALSE(log->flush().has_value());
        EXPECT_FALSE(log->close().has_value());
        EXPECT_FALSE(log->delete_old_segments(log->end(), 0).has_value());
        EXPECT_FALSE(log->assign_epoch(LeaderEpoch{100}).has_value());
      }
      disk.kill();
      expect_that_it_reopens_and_goes_on(disk, model);
    });
  }
}

}  // namespace
}  // namespace acklab::storage
