// The log against the model, by random steps: changes, reads, kills and power losses.
#include <gtest/gtest.h>

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "protocol/runtime/random.h"
#include "storage/log.h"
#include "storage/sim_disk.h"
#include "tests/storage/batches.h"
#include "tests/storage/log_model.h"

namespace acklab::storage {
namespace {

using protocol::Random;

constexpr std::uint64_t seeds = 1000;
constexpr int steps = 80;

class Experiment {
 public:
  explicit Experiment(std::uint64_t seed) : random_(Random::stream(seed, "log", 0)), disk_(Random::stream(seed, "disk", 0)) {
    config_.segment_bytes = static_cast<std::uint64_t>(random_.between(1, 1500));
    config_.index_interval_bytes = static_cast<std::uint32_t>(random_.between(0, 600));
    if (random_.one_in(3)) config_.flush_messages = random_.between(1, 20);
    log_.emplace(Log::open(disk_, "orders-0", config_).value());
  }

  void run() {
    for (int i = 0; i < steps && !::testing::Test::HasFatalFailure(); ++i) step();
  }

 private:
  void step() {
    switch (random_.below(18)) {
      case 0:
      case 1:
      case 2:
      case 3:
      case 4:
        return append_as_leader();
      case 5:
      case 6:
        return append_as_follower();
      case 7:
        return become_leader();
      case 8:
        return flush();
      case 9:
        return truncate();
      case 10:
        return random_.one_in(4) ? reset() : read();
      case 11:
      case 12:
      case 13:
        return read();
      case 14:
        return kill();
      case 15:
        return close();
      case 16:
        return retain();
      default:
        return lose_power();
    }
  }

  RecordBatch next_batch() {
    std::vector<std::int64_t> timestamps(1 + random_.below(3));
    for (std::int64_t& timestamp : timestamps) timestamp = random_.between(1000, 1100);
    const std::string value(random_.below(100), 'v');
    Producer producer;
    if (random_.one_in(2)) {
      producer.id = random_.between(1, 2);
      producer.epoch = 0;
      producer.sequence = sequence_;
      sequence_ += static_cast<std::int32_t>(timestamps.size());
    }
    if (random_.one_in(4)) return next_of_a_transaction();
    return batch_at(timestamps, value, producer);
  }

  RecordBatch next_of_a_transaction() {
    const Producer producer{.id = random_.between(5, 7), .epoch = 0, .sequence = 0};
    const auto coordinator_epoch = static_cast<std::int8_t>(random_.below(3));
    switch (random_.below(5)) {
      case 0:
        return abort_of(producer, coordinator_epoch);
      case 1:
        return commit_of(producer, coordinator_epoch);
      default:
        return in_transaction(batch_of(1, "transferred", producer));
    }
  }

  void append_as_leader() {
    const RecordBatch batch = next_batch();
    const RecordBatch stored = numbered(batch, model_.end(), epoch_);
    const Offset end = model_.end();
    model_.append(stored);

    const auto appended = log_->append(batch, epoch_);

    ASSERT_TRUE(appended.has_value());
    ASSERT_EQ(*appended, end);
    changed();
  }

  void append_as_follower() {
    if (random_.one_in(4)) epoch_ = epoch_.next();
    const RecordBatch stored = numbered(next_batch(), model_.end(), epoch_);
    model_.append(stored);

    ASSERT_TRUE(log_->append_replicated(stored).has_value());
    changed();
  }

  void become_leader() {
    epoch_ = epoch_.next();
    model_.assign_epoch(epoch_);

    ASSERT_TRUE(log_->assign_epoch(epoch_).has_value());
    changed();
  }

  void flush() {
    ASSERT_TRUE(log_->flush().has_value());
    ASSERT_EQ(log_->flushed_end(), model_.end());
    changed();
    model_.flushed();
  }

  // As a follower of a newer leader.
  void truncate() {
    epoch_ = epoch_.next();
    const Offset to{random_.between(model_.start().value, model_.end().value)};
    model_.truncate_to(to);

    ASSERT_TRUE(log_->truncate_to(to).has_value());
    changed();
  }

  void reset() {
    const Offset to{random_.between(0, model_.end().value + 20)};
    model_.reset_to(to);

    ASSERT_TRUE(log_->reset_to(to).has_value());
    changed();
    model_.flushed();
  }

  void read() {
    const Offset from{random_.between(model_.start().value, model_.end().value)};
    const Offset upper{random_.between(from.value, model_.end().value + 1)};
    const auto max_bytes = static_cast<std::size_t>(random_.between(0, 1500));
    const bool at_least_one = random_.one_in(2);
    model_.expect_read(*log_, from, upper, max_bytes, at_least_one, segments());
    const std::int64_t timestamp = random_.between(1000, 1101);
    model_.expect_find_time(*log_, timestamp, upper);
  }

  void kill() {
    disk_.kill();
    reopen();
    changed();  // what the next power loss may go back to is still the same
  }

  // A clean shutdown and a start, which need not walk anything.
  void close() {
    ASSERT_TRUE(log_->close().has_value());
    model_.flushed();
    checkpoints_.recovery_point = log_->end();
    checkpoints_.shutdown = Shutdown::clean;
    disk_.kill();
    reopen();
    ASSERT_EQ(log_->recovery().segments_walked, 0);
    checkpoints_.shutdown = Shutdown::unclean;
    changed();
  }

  void retain() {
    config_.retention.bytes = random_.between(0, 3000);
    log_->configure(config_);
    ASSERT_TRUE(log_->delete_old_segments(log_->end(), 0).has_value());
    model_.may_delete_before(log_->start());
    model_.deleted_before(log_->start());
    changed();
    if (random_.one_in(2)) {
      ASSERT_TRUE(log_->remove_deleted_files().has_value());
    }
  }

  void lose_power() {
    disk_.power_loss();
    reopen();
    model_.expect_recovered(*log_);
    epoch_ = epoch_.next();  // what comes after is another leader's
  }

  void reopen() {
    log_.reset();
    disk_.revive();
    log_.emplace(Log::open(disk_, "orders-0", config_, checkpoints_).value());
  }

  void changed() {
    model_.expect_equal(*log_);
    model_.flushed_up_to(log_->flushed_end());
    // A recovery point may be old, and after a truncation it may lie anywhere.
    if (random_.one_in(3)) checkpoints_.recovery_point = log_->flushed_end();
  }

  std::set<Offset> segments() const {
    std::set<Offset> bases;
    for (const std::string& name : disk_.list("orders-0")) {
      if (const auto base = base_of_segment_name(name)) bases.insert(*base);
    }
    return bases;
  }

  Random random_;
  SimDisk disk_;
  LogConfig config_;
  LogCheckpoints checkpoints_;
  LogModel model_;
  std::optional<Log> log_;
  LeaderEpoch epoch_{0};
  std::int32_t sequence_ = 0;
};

TEST(LogAgainstModel, StaysEqualThroughChangesKillsAndPowerLosses) {
  for (std::uint64_t seed = 0; seed < seeds; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Experiment(seed).run();
    if (HasFatalFailure()) return;
  }
}

}  // namespace
}  // namespace acklab::storage
