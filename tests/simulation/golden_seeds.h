// Golden trace hashes: a run is a pure function of (scenario, seed), so these change only when behaviour does. A commit that changes one says
// which event differs first and why: trace the run before and after the change, and compare. To write the file anew: ACKLAB_UPDATE_GOLDEN=1
// on the golden test; it keeps the seeds that are listed and adds the first two of a scenario that is new.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <set>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "tests/paths.h"
#include "tools/lab/catalogue.h"
#include "tools/lab/run.h"

namespace acklab::lab {

inline std::string trace_hash_of(std::string_view scenario_name, std::uint64_t seed) {
  const auto entry = find_scenario(scenario_name);
  if (!entry.has_value()) return "no such scenario";
  const auto scenario = parse_scenario((*entry)->toml, scenario_name);
  if (!scenario.has_value()) return scenario.error();
  RunOptions options;
  options.seed = seed;
  return fmt::format("{:016x}", run(*scenario, options).verdict.trace_hash);
}

struct GoldenSeed {
  std::string scenario;
  std::uint64_t seed = 0;
  std::string hash;
};

inline std::vector<GoldenSeed> read_golden_seeds(const std::string& path) {
  std::ifstream file(path);
  std::vector<GoldenSeed> golden;
  for (GoldenSeed one; file >> one.scenario >> one.seed >> one.hash;) golden.push_back(one);
  return golden;
}

inline void write_golden_seeds(const std::string& path, const std::vector<GoldenSeed>& old) {
  std::ofstream file(path);
  for (const CatalogueEntry& entry : catalogue()) {
    std::set<std::uint64_t> seeds{1, 2};
    for (const GoldenSeed& one : old) {
      if (one.scenario == entry.name) seeds.insert(one.seed);
    }
    for (const std::uint64_t seed : seeds) file << entry.name << ' ' << seed << ' ' << trace_hash_of(entry.name, seed) << '\n';
  }
}

inline void expect_golden_hashes() {
  const std::string path = std::string(tests::source_dir) + "/tests/simulation/golden/trace_hashes.txt";
  if (std::getenv("ACKLAB_UPDATE_GOLDEN")) write_golden_seeds(path, read_golden_seeds(path));

  const std::vector<GoldenSeed> golden = read_golden_seeds(path);
  EXPECT_GE(golden.size(), 20U);
  std::set<std::string, std::less<>> scenarios;
  for (const GoldenSeed& one : golden) {
    scenarios.insert(one.scenario);
    EXPECT_EQ(trace_hash_of(one.scenario, one.seed), one.hash) << fmt::format(
        "{0} seed {1}: this build runs it otherwise than is written down. To see the first event that differs, run\n"
        "  {2} run {0} --seed {1} --trace FILE\n"
        "with this build (its target acklab) and with one that agrees (another compiler's, or the commit before), and diff "
        "the two files.",
        one.scenario, one.seed, tests::program);
  }
  for (const CatalogueEntry& entry : catalogue()) {
    EXPECT_TRUE(scenarios.contains(entry.name))
        << entry.name << " has no golden seeds; ACKLAB_UPDATE_GOLDEN=1 on this test adds them";
  }
}

}  // namespace acklab::lab
