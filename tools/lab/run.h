// Runs one scenario under one seed and judges it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tools/lab/experiment.h"
#include "tools/lab/scenario.h"
#include "tools/lab/verdict.h"

namespace acklab::lab {

struct RunOptions {
  std::uint64_t seed = 1;
  WorldKind world = WorldKind::sim;
  std::string era{};                       // empty: the newest
  std::vector<std::string> lines{};        // replace every producer's values, if any
  bool tell = false;                       // explain the first finding of each kind
  protocol::Journal::Listener listener{};  // see ExperimentConfig
};

enum class Judgement { as_expected, violation, vacuous };
std::string_view name(Judgement judgement);

struct RunResult {
  std::string scenario;
  std::uint64_t seed = 0;
  std::string world;  // "sim" or "tcp"
  std::string era;
  Expectation expected{};
  Judgement judgement{};
  std::string reason;     // of a violation or a vacuous run, one line
  bool repeated = false;  // it was run twice and compared: see repeat.h
  Verdict verdict;
};

// Throws std::invalid_argument with a line for the user when the scenario cannot be run as it is.
RunResult run(const Scenario& scenario, const RunOptions& options);

}  // namespace acklab::lab
