// Results as the JSON that CLI.md promises: one line for each object.
#pragma once

#include <string>
#include <vector>

#include "tools/lab/lesson.h"
#include "tools/lab/run.h"
#include "tools/lab/seed_range.h"
#include "tools/lab/summary.h"

namespace acklab::lab {

std::string run_json(const RunResult& result);
// What a sweep, or a shard of one, came to. All that is in it besides is sums, so shards can be added up.
struct SweepOutcome {
  Judgement judgement{};
  std::string reason;
  Shard shard;               // of the whole sweep
  bool interrupted = false;  // the sums hold what was known by then
};
// `any`: one of the runs.
std::string summary_json(const RunResult& any, const Summary& summary, const SweepOutcome& outcome);

std::string lesson_json(std::string_view experiment, const LessonOptions& options, const LessonResult& result);

struct ScenarioListing {
  const Scenario* scenario;
  std::vector<std::string> worlds;
};
std::string scenarios_json(const std::vector<ScenarioListing>& scenarios);

}  // namespace acklab::lab
