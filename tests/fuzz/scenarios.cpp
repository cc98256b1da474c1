// A file that is no scenario gets one line that says why.
#include <filesystem>
#include <fstream>
#include <sstream>

#include "protocol/check.h"
#include "tests/fuzz/target.h"
#include "tests/paths.h"
#include "tools/lab/scenario.h"

namespace acklab::fuzz {

void run_scenarios(Input input) {
  const auto scenario = lab::parse_scenario(text_of(input), "fuzzed.toml");
  if (scenario) return;
  CHECK(!scenario.error().empty());
  CHECK(scenario.error().find('\n') == std::string::npos);
}

// The catalogue.
std::vector<std::string> scenario_seeds() {
  std::vector<std::string> seeds;
  for (const auto& entry : std::filesystem::directory_iterator(std::string(tests::source_dir) + "/tools/lab/scenarios")) {
    if (entry.path().extension() != ".toml") continue;
    std::ostringstream text;
    text << std::ifstream(entry.path()).rdbuf();
    seeds.push_back(text.str());
  }
  return seeds;
}

}  // namespace acklab::fuzz
