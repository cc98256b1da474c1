// Runs one scenario under one seed and judges it. What is not as expected:
//
//   violation  an anomaly that neither the expectation nor the promise permits; or, in the simulator, a cluster that has not come to
//              rest (`at_rest`) a minute after the last fault was lifted and the last record was settled: whoever is safe and never
//              available again keeps no promise. Only "stall-ok" and "violation" expect that. Over sockets a minute is the machine's
//              time and proves less; there it is told and not judged.
//   vacuous    nothing was sent, or a fault that was certain to fire did not.
//
// A run whose producers were not done when patience ended (`settled`) is judged like any other: a send without an outcome counts as
// unknown, and what was not sent is not counted. A long delivery.timeout.ms or a low rate may be all there is to it.
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
  std::string era{};  // empty: the newest
  // A cluster that runs already. The scenario's brokers, their settings and its faults do not apply: what befalls that cluster is in the
  // user's hands, and `by_hand` says that the faults of the scenario are: the verdict is against a promise with them.
  std::vector<protocol::Address> bootstrap{};
  bool by_hand = false;
  std::vector<std::string> lines{};        // replace every producer's values, if any
  bool tell = false;                       // explain the first finding of each kind
  protocol::Journal::Listener listener{};  // see ExperimentConfig
  protocol::Tap tap{};                     // likewise
};

enum class Judgement { as_expected, violation, vacuous };
std::string_view name(Judgement judgement);

struct RunResult {
  std::string scenario;
  std::uint64_t seed = 0;
  std::string world;  // "sim" or "tcp"
  std::string era;    // empty on a cluster that runs already: its rules are its own
  Expectation expected{};
  Judgement judgement{};
  std::string reason;     // of a violation or a vacuous run, one line
  std::string unsafe;     // the settings that make a producer wrong on purpose, as in a scenario's file; empty: none
  bool repeated = false;  // it was run twice and compared: see repeat.h
  Verdict verdict;
};

// What such a scenario says of itself wherever it is told: "producer-0: acklab.unsafe.variant=renumber-on-retry"; empty if none is.
std::string unsafe_settings(const Scenario& scenario);

// Throws std::invalid_argument with a line for the user when the scenario cannot be run as it is.
RunResult run(const Scenario& scenario, const RunOptions& options);

}  // namespace acklab::lab
