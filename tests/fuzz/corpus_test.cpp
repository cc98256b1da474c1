#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <ostream>
#include <sstream>

#include "protocol/runtime/random.h"
#include "tests/fuzz/target.h"
#include "tests/paths.h"

namespace acklab::fuzz {

void PrintTo(const Target& target, std::ostream* out) { *out << target.name; }

namespace {

using protocol::Random;

class Corpus : public testing::TestWithParam<Target> {
 protected:
  static void run(std::string_view bytes) { GetParam().run(std::as_bytes(std::span(bytes))); }
};

TEST_P(Corpus, SeedsAreTaken) {
  const std::vector<std::string> seeds = GetParam().seeds();

  EXPECT_FALSE(seeds.empty());
  for (const std::string& seed : seeds) run(seed);
}

TEST_P(Corpus, WhatWasFoundBeforeIsTaken) {
  const std::filesystem::path folder = std::string(tests::source_dir) + "/tests/fuzz/corpus/" + std::string(GetParam().name);
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  ASSERT_FALSE(files.empty());
  for (const auto& file : files) {
    SCOPED_TRACE(file.filename());
    std::ostringstream bytes;
    bytes << std::ifstream(file, std::ios::binary).rdbuf();
    run(bytes.str());
  }
}

// What a fuzzer without any guidance does; quick, so that it runs in every build.
TEST_P(Corpus, DamagedSeedsAreTaken) {
  constexpr int damages = 40;
  Random random = Random::stream(1, "damage", 0);
  for (const std::string& seed : GetParam().seeds()) {
    for (int i = 0; i < damages; ++i) {
      std::string damaged = seed.substr(0, static_cast<std::size_t>(random.below(seed.size() + 1)));
      if (random.one_in(2)) damaged = seed;
      const std::uint64_t flips = random.below(4);
      for (std::uint64_t flip = 0; flip < flips && !damaged.empty(); ++flip) {
        const auto at = static_cast<std::size_t>(random.below(damaged.size()));
        damaged[at] = static_cast<char>(random.below(256));
      }
      run(damaged);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Fuzz, Corpus, testing::ValuesIn(targets().begin(), targets().end()), [](const auto& one) {
  std::string name(one.param.name);
  std::erase(name, '-');
  return name;
});

}  // namespace
}  // namespace acklab::fuzz
