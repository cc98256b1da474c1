#include "tools/lab/sweep.h"

#include <algorithm>
#include <condition_variable>
#include <exception>
#include <map>
#include <mutex>
#include <set>
#include <thread>
#include <vector>

#include <fmt/format.h>

#include "tools/lab/progress.h"
#include "tools/lab/promise.h"

namespace acklab::lab {

namespace {

// Results that may wait to be told, for each worker: a reader of the output that is slower than the worlds slows them down.
constexpr std::size_t max_waiting_per_job = 64;

}  // namespace

Summary sweep(const SweepOptions& options, const RunOne& run_one, const OnResult& on_result) {
  const std::int64_t total = options.seeds.count();
  const int cores = std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
  const auto jobs = static_cast<int>(std::min<std::int64_t>(options.jobs > 0 ? options.jobs : cores, total));

  std::mutex mutex;
  std::condition_variable arrived;
  std::condition_variable taken;
  std::map<std::uint64_t, RunResult> waiting;  // finished, but an earlier seed is not
  std::uint64_t next = options.seeds.first;
  std::exception_ptr error;
  int working = jobs;
  const std::size_t max_waiting = max_waiting_per_job * static_cast<std::size_t>(jobs);

  const auto interrupted = [&] { return options.interrupted != nullptr && *options.interrupted; };
  const auto give_up = [&](std::exception_ptr why) {
    const std::lock_guard lock(mutex);
    if (!error) error = std::move(why);
  };
  const auto work = [&] {
    while (true) {
      std::uint64_t seed = 0;
      {
        std::unique_lock lock(mutex);
        taken.wait(lock, [&] { return error || waiting.size() < max_waiting; });
        if (error || interrupted() || next > options.seeds.last) {
          --working;
          arrived.notify_one();
          return;
        }
        seed = next;
        next += options.seeds.step;
      }
      try {
        RunResult result = run_one(seed);
        const std::lock_guard lock(mutex);
        waiting.emplace(seed, std::move(result));
      } catch (...) {
        give_up(std::current_exception());
        taken.notify_all();
      }
      arrived.notify_one();
    }
  };

  Summary summary;
  {
    Progress progress(options.what, total, options.quiet);
    std::vector<std::jthread> workers;
    for (int i = 0; i < jobs; ++i) workers.emplace_back(work);
    for (std::uint64_t seed = options.seeds.first; seed <= options.seeds.last; seed += options.seeds.step) {
      std::unique_lock lock(mutex);
      // Seeds are begun in order, so when nobody works any more, what is not there was never begun.
      arrived.wait(lock, [&] { return error || waiting.contains(seed) || working == 0; });
      if (!waiting.contains(seed)) break;
      const RunResult result = std::move(waiting.extract(seed).mapped());
      lock.unlock();
      taken.notify_all();
      summary.add(result);
      progress.advance();
      try {
        on_result(result);
      } catch (...) {
        give_up(std::current_exception());
        taken.notify_all();
        break;
      }
    }
  }
  if (error) std::rethrow_exception(error);
  return summary;
}

SweepJudgement judge(const Scenario& scenario, const protocol::Era& era, const Summary& summary, Extent extent) {
  const auto count = [&](Judgement judgement) {
    const auto found = summary.judgements.find(judgement);
    return found == summary.judgements.end() ? 0 : found->second;
  };
  for (const Judgement bad : {Judgement::violation, Judgement::vacuous}) {
    if (const std::int64_t runs = count(bad)) {
      return {bad, fmt::format("{} of {} runs; first seed {}: {}", runs, summary.runs, summary.first_bad_seed,
                               summary.first_bad_reason)};
    }
  }
  if (summary.runs == 0) return {Judgement::vacuous, "no run was finished"};
  if (extent == Extent::part) return {Judgement::as_expected, ""};
  for (const Anomaly anomaly : scenario.expected(era).must) {
    if (!summary.anomalies.contains(anomaly)) {
      return {Judgement::vacuous,
              fmt::format("no run of {} showed {}, which this scenario must show", summary.runs, name(anomaly))};
    }
  }
  if (scenario.expected(era).expect == Expectation::violation) {
    const std::set<Anomaly> permitted = promise(scenario, era).may_show;
    const bool violated = std::any_of(summary.anomalies.begin(), summary.anomalies.end(),
                                      [&](const auto& one) { return !permitted.contains(one.first); });
    if (!violated)
      return {Judgement::vacuous, fmt::format("no run of {} broke the promise, as this scenario expects", summary.runs)};
  }
  for (const broker::Fault& fault : scenario.faults) {
    if (!duty(fault, era)) continue;
    const auto found =
        std::find_if(summary.faults.begin(), summary.faults.end(), [&](const FaultCount& one) { return one.id == fault.id; });
    if (found == summary.faults.end() || found->fired == 0) {
      return {Judgement::vacuous, fmt::format("fault {} fired in no run of {}", fault.id, summary.runs)};
    }
  }
  return {Judgement::as_expected, ""};
}

}  // namespace acklab::lab
