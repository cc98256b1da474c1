// Golden trace hashes: a run is a pure function of (scenario, seed), so these change only when behaviour does. A commit that changes one says
// which event differs first and why. To write the file anew: ACKLAB_UPDATE_GOLDEN=1 on the golden test.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <string>

#include <fmt/format.h>

#include "tests/paths.h"
#include "tools/lab/catalogue.h"
#include "tools/lab/run.h"

namespace acklab::lab {

inline std::string trace_hash_of(std::string_view scenario_name, std::uint64_t seed) {
  const auto entry = find_scenario(scenario_name);
  EXPECT_TRUE(entry.has_value());
  const auto scenario = parse_scenario((*entry)->toml, scenario_name);
  EXPECT_TRUE(scenario.has_value());
  RunOptions options;
  options.seed = seed;
  return fmt::format("{:016x}", run(*scenario, options).verdict.trace_hash);
}

inline void expect_golden_hashes() {
  const std::string path = std::string(tests::source_dir) + "/tests/simulation/golden/trace_hashes.txt";
  if (std::getenv("ACKLAB_UPDATE_GOLDEN")) {
    std::ofstream file(path);
    for (const CatalogueEntry& entry : catalogue()) {
      for (std::uint64_t seed = 1; seed <= 4; ++seed)
        file << entry.name << ' ' << seed << ' ' << trace_hash_of(entry.name, seed) << '\n';
    }
  }
  std::ifstream file(path);
  std::string scenario;
  std::string hash;
  std::uint64_t seed = 0;
  int lines = 0;
  while (file >> scenario >> seed >> hash) {
    ++lines;
    EXPECT_EQ(trace_hash_of(scenario, seed), hash) << "replay: tools/acklab run " << scenario << " --seed " << seed;
  }
  EXPECT_GE(lines, 20);
}

}  // namespace acklab::lab
