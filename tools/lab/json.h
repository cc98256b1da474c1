// Results as the JSON that CLI.md promises: one line for each object.
#pragma once

#include <string>
#include <vector>

#include "tools/lab/run.h"
#include "tools/lab/summary.h"

namespace acklab::lab {

std::string run_json(const RunResult& result);
// `wanted`: how many runs the sweep was asked for; with fewer it was interrupted.
std::string summary_json(const RunResult& any, const Summary& summary, Judgement judgement, const std::string& reason,
                         std::int64_t wanted);

// One row of a lesson's table.
struct LessonRow {
  std::string label;
  Settings settings;
  Summary summary;
};
std::string lesson_json(const std::string& experiment, const std::string& world, const std::vector<LessonRow>& rows,
                        bool interrupted);

struct ScenarioListing {
  const Scenario* scenario;
  std::vector<std::string> worlds;
};
std::string scenarios_json(const std::vector<ScenarioListing>& scenarios);

}  // namespace acklab::lab
