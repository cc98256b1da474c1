// A sweep as a JUnit report, which every CI system shows: a suite for each scenario, a case for each seed.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tools/lab/run.h"

namespace acklab::lab {

class JunitReport {
 public:
  // A violation is a failure. A run that proves nothing is an error: it is no success, and "skipped" would look like one.
  // `replay`: the command that runs this seed again.
  void add(const RunResult& result, const std::string& replay);
  // What is wrong with the sweep of a scenario as a whole, and with none of its seeds: a case of its own, "the sweep".
  void add_sweep(const std::string& scenario, const std::string& reason);

  std::string text() const;

 private:
  struct Suite {
    std::string scenario;
    std::int64_t cases = 0;
    std::int64_t failures = 0;
    std::int64_t errors = 0;
    double seconds = 0;
    std::string body;
  };
  Suite& suite(const std::string& scenario);

  std::vector<Suite> suites_;
};

}  // namespace acklab::lab
