// Runs one scenario under many seeds, several worlds at a time; a world belongs to one thread and shares nothing.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>

#include "tools/lab/run.h"
#include "tools/lab/seed_range.h"
#include "tools/lab/summary.h"

namespace acklab::lab {

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

// Whether the runs are all that the sweep was to make, or one machine's shard of them, or what an interrupt left.
enum class Extent { whole, part };

// What a sweep proves: a violation if any run was one; vacuous if any run was; and a whole one also if an anomaly that the scenario must
// show was never seen, or a promise that it expects to be broken never was, or a fault that should fire sometimes never did. A part may
// honestly show none of these: they are owed by the sum of all parts.
struct SweepJudgement {
  Judgement judgement{};
  std::string reason;
};
SweepJudgement judge(const Scenario& scenario, const protocol::Era& era, const Summary& summary, Extent extent);

}  // namespace acklab::lab
