// Runs one scenario under many seeds, several worlds at a time; a world belongs to one thread and shares nothing.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>

#include "protocol/result.h"
#include "tools/lab/run.h"
#include "tools/lab/summary.h"

namespace acklab::lab {

// Seeds go to other programs as JSON numbers, which are exact up to here.
inline constexpr std::uint64_t max_seed = std::uint64_t{1} << 53;

struct SeedRange {
  std::uint64_t first = 1;
  std::uint64_t last = 1;  // inclusive

  std::int64_t count() const { return static_cast<std::int64_t>(last - first) + 1; }
  // "7" or "1..200". The error is a line for the user.
  static protocol::Result<SeedRange, std::string> parse(const std::string& text);
};

struct SweepOptions {
  SeedRange seeds;
  int jobs = 0;  // 0: one for each core
  bool quiet = false;
  std::string what;  // beside the progress bar
  // When it becomes true (Ctrl-C), no further seed is begun, and the sweep returns what it has. May be null; outlives the sweep.
  const std::atomic<bool>* interrupted = nullptr;
};

// Makes the run of one seed; called from several threads at once.
using RunOne = std::function<RunResult(std::uint64_t seed)>;
// Called in the order of the seeds, from the caller's thread.
using OnResult = std::function<void(const RunResult&)>;

Summary sweep(const SweepOptions& options, const RunOne& run_one, const OnResult& on_result);

// What a whole sweep proves: a violation if any run was one; vacuous if any run was, or if an anomaly that the scenario must show was
// never seen, or a promise that it expects to be broken never was, or a fault that should fire sometimes never did; else as expected.
struct SweepJudgement {
  Judgement judgement{};
  std::string reason;
};
SweepJudgement judge(const Scenario& scenario, const protocol::Era& era, const Summary& summary);

}  // namespace acklab::lab
