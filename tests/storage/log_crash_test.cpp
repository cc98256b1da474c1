// Every disk call of a log's life is once the last one.
#include <gtest/gtest.h>

#include <functional>
#include <optional>
#include <string>

#include "storage/log.h"
#include "storage/sim_disk.h"
#include "tests/storage/batches.h"
#include "tests/storage/log_model.h"
#include "tests/storage/nth_call_disk.h"

namespace acklab::storage {
namespace {

using protocol::Random;
using When = NthCallDisk::When;

const std::string directory = "orders-0";
const LogConfig config{.segment_bytes = 200, .index_interval_bytes = 100};  // two batches, more or less

// A life with all that can happen to a log, up to the first call that fails.
class Life {
 public:
  Life(Disk& disk, LogModel& model) : model_(model) {
    auto opened = Log::open(disk, directory, config);
    if (!opened) return;
    log_.emplace(std::move(*opened));
    lead(0) && append(5) && flush() && lead(1) && append(3) &&  //
        truncate_to(Offset{9}) && replicate(2, 4) && flush() && lead(5) && truncate_to(model_.end()) && replicate(6, 1) &&
        truncate_to(Offset{1}) && replicate(7, 3) && reset_to(Offset{50}) && replicate(8, 3) && flush() &&
        reset_to(model_.start()) && replicate(9, 3) && append(1) && reset_to(Offset{90}) && append(1);
  }

  // Null if it could not even be opened.
  Log* log() { return log_ ? &*log_ : nullptr; }

 private:
  bool append(int batches) {
    for (int i = 0; i < batches; ++i) {
      const RecordBatch batch = batch_of(2, "led", {.id = 7, .epoch = 0, .sequence = sequence_});
      sequence_ += 2;
      model_.append(numbered(batch, model_.end(), epoch_));
      if (!done(log_->append(batch, epoch_))) return false;
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

  LogModel& model_;
  std::optional<Log> log_;
  LeaderEpoch epoch_{0};
  std::int32_t sequence_ = 0;
};

// Runs that life again and again, and its n-th call goes wrong, until the life has fewer calls. `afterwards` looks at what is left.
void for_each_call(When when, const std::function<void(SimDisk&)>& crash,
                   const std::function<void(SimDisk&, Life&, LogModel&)>& afterwards) {
  int n = 1;
  for (bool reached = true; reached && !::testing::Test::HasFatalFailure(); ++n) {
    SCOPED_TRACE("call " + std::to_string(n));
    SimDisk disk{Random(static_cast<std::uint64_t>(n))};
    std::function<void()> crash_here;
    if (crash) crash_here = [&] { crash(disk); };
    NthCallDisk faulty(disk, n, when, crash_here);
    LogModel model;

    Life life(faulty, model);

    reached = faulty.reached();
    afterwards(disk, life, model);
  }
  EXPECT_GT(n, 100) << "the life is too short to show anything";
}

void expect_that_it_reopens_and_goes_on(SimDisk& disk, LogModel& model) {
  disk.revive();
  auto log = Log::open(disk, directory, config);
  ASSERT_TRUE(log.has_value()) << log.error().what;
  model.expect_recovered(*log);
  if (::testing::Test::HasFatalFailure()) return;

  const RecordBatch batch = numbered(batch_of(1), model.end(), LeaderEpoch{100});
  model.append(batch);
  ASSERT_TRUE(log->append_replicated(batch).has_value());
  model.expect_equal(*log);
}

TEST(LogCrash, AfterAKillAtAnyDiskCallTheLogReopensWithAllThatWasFlushed) {
  for (const When when : {When::before, When::torn, When::after}) {
    for_each_call(
        when, [](SimDisk& disk) { disk.kill(); },
        [](SimDisk& disk, Life&, LogModel& model) { expect_that_it_reopens_and_goes_on(disk, model); });
  }
}

TEST(LogCrash, AfterAPowerLossAtAnyDiskCallTheLogReopensWithAllThatWasFlushed) {
  for (const When when : {When::before, When::torn, When::after}) {
    for_each_call(
        when, [](SimDisk& disk) { disk.power_loss(); },
        [](SimDisk& disk, Life&, LogModel& model) { expect_that_it_reopens_and_goes_on(disk, model); });
  }
}

TEST(LogCrash, AfterAFailedDiskCallTheLogCanBeReadButRefusesChangesUntilItIsOpenedAgain) {
  for (const When when : {When::before, When::torn}) {
    for_each_call(when, nullptr, [](SimDisk& disk, Life& life, LogModel& model) {
      if (Log* log = life.log(); log != nullptr && log->failed()) {
        model.expect_possible(*log);
        EXPECT_FALSE(log->append(batch_of(1), LeaderEpoch{100}).has_value());
        EXPECT_FALSE(log->append_replicated(batch_of(1)).has_value());
        EXPECT_FALSE(log->truncate_to(log->start()).has_value());
        EXPECT_FALSE(log->reset_to(Offset{70}).has_value());
        EXPECT_FALSE(log->flush().has_value());
        EXPECT_FALSE(log->assign_epoch(LeaderEpoch{100}).has_value());
      }
      disk.kill();
      expect_that_it_reopens_and_goes_on(disk, model);
    });
  }
}

}  // namespace
}  // namespace acklab::storage
