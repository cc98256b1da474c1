// A run is a pure function of (scenario, seed). Here that is put to the test: the same run twice, one after the other in this process,
// where every leak of the machine's state into the world (an address, an uninitialised byte, a static) has a chance to show.
#pragma once

#include <cstdint>

#include "tools/lab/run.h"

namespace acklab::lab {

// Of a sweep's seeds one in so many is run twice: often enough to find what leaks, and cheap.
inline constexpr std::uint64_t repeat_one_seed_in = 20;
constexpr bool repeated_in_a_sweep(std::uint64_t seed) { return seed % repeat_one_seed_in == 0; }

// The result of the first run. If the second one differs the judgement is a violation, whatever else was found, and its reason names the
// first event that differs. For the simulator alone: over sockets no run is like another.
RunResult run_twice(const Scenario& scenario, const RunOptions& options);

}  // namespace acklab::lab
