#include "tools/lab/bench_log_growth.h"

#include <algorithm>

#include "protocol/check.h"
#include "protocol/runtime/random.h"
#include "storage/real_disk.h"
#include "tools/lab/bench_pairs.h"
#include "tools/lab/clock.h"
#include "tools/lab/progress.h"

namespace acklab::lab {
namespace {

using protocol::Codec;
using protocol::Offset;
using protocol::Slice;
using storage::Log;
using storage::LogCheckpoints;

// Small enough that the largest log has many of them. The tail is what a crash leaves unflushed.
constexpr storage::LogConfig config{.segment_bytes = 64u << 20};
constexpr std::size_t tail_batches = 16;
constexpr double mega = 1e6;

class GrowingLog {
 public:
  GrowingLog(const std::string& root, const std::vector<Slice>& batches) : disk_(root), batches_(batches), log_(opened({})) {}

  std::uint64_t size() const { return log_.size(); }

  void grow(std::size_t batches) { append_batches(log_, batches_, batches); }

  double append_us_a_batch() {
    constexpr std::size_t some = 64;
    return microseconds([&] { grow(some); }) / some;
  }

  double lookup_us() {
    std::vector<double> times;
    for (int i = 0; i < 200; ++i) {
      const Offset at{static_cast<std::int64_t>(random_.below(static_cast<std::uint64_t>(log_.end().value)))};
      times.push_back(microseconds([&] { CHECK(log_.read(at, log_.end(), 1, true)->next_offset > at); }));
    }
    return median(std::move(times));
  }

  double open_after_close_ms() {
    CHECK(log_.close());
    return reopen({.recovery_point = log_.end(), .shutdown = storage::Shutdown::clean});
  }

  // As after a kill: what was written since the last flush is walked, with the segment that it is in.
  double open_after_crash_ms() {
    CHECK(log_.flush());
    const Offset flushed = log_.flushed_end();
    grow(tail_batches);
    return reopen({.recovery_point = flushed});
  }

 private:
  template <class Work>
  static double microseconds(Work work) {
    const double began = seconds_on(CLOCK_MONOTONIC);
    work();
    return (seconds_on(CLOCK_MONOTONIC) - began) * 1e6;
  }

  Log opened(const LogCheckpoints& checkpoints) { return Log::open(disk_, "bench-0", config, checkpoints).value(); }
  double reopen(const LogCheckpoints& checkpoints) {
    return microseconds([&] { log_ = opened(checkpoints); }) / 1e3;
  }

  storage::RealDisk disk_;
  const std::vector<Slice>& batches_;
  protocol::Random random_{1};
  Log log_;
};

}  // namespace

std::vector<LogGrowthPoint> bench_log_growth(const BenchLogOptions& options, BenchFolder& folder) {
  const std::vector<Slice> batches = bench_batches(Codec::none);
  const double largest = options.lookup_gigabytes * 1e9;
  GrowingLog log(folder.fresh(), batches);
  std::vector<LogGrowthPoint> points;
  Progress progress("growing a log", static_cast<std::int64_t>(largest / mega), options.quiet);
  for (double size = mega; size <= largest * 1.001; size *= 10) {
    while (static_cast<double>(log.size()) < size) {
      if (options.interrupted && *options.interrupted) return points;
      const auto left = static_cast<std::size_t>((size - static_cast<double>(log.size())) / bench_batch_bytes) + 1;
      log.grow(std::min(left, bench_different_batches));
      progress.advance();
    }
    LogGrowthPoint point{.megabytes = size / mega};
    point.append_us = log.append_us_a_batch();
    point.lookup_us = log.lookup_us();
    point.open_ms = log.open_after_close_ms();
    point.recover_ms = log.open_after_crash_ms();
    points.push_back(point);
  }
  return points;
}

}  // namespace acklab::lab
