// A run is a pure function of (scenario, seed): twice in one process, in a fresh process, and as written down.
#include <gtest/gtest.h>

#include <array>
#include <cstdio>
#include <memory>
#include <string>

#include "tests/paths.h"
#include "tests/simulation/golden_seeds.h"

namespace acklab::lab {
namespace {

// What the program prints on standard output.
std::string output_of(const std::string& command) {
  std::string text;
  const std::unique_ptr<FILE, int (*)(FILE*)> pipe(popen(command.c_str(), "r"), pclose);
  std::array<char, 4096> buffer;
  while (const std::size_t size = std::fread(buffer.data(), 1, buffer.size(), pipe.get())) text.append(buffer.data(), size);
  return text;
}

TEST(Determinism, TheSameSeedTwiceInOneProcessGivesTheSameTraceHash) {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    EXPECT_EQ(trace_hash_of("acks1-leader-kill", seed), trace_hash_of("acks1-leader-kill", seed))
        << "replay: tools/acklab run acks1-leader-kill --seed " << seed;
  }
}

TEST(Determinism, AFreshProcessElsewhereGivesTheSameTraceHash) {
  const std::string hash = trace_hash_of("acks1-leader-kill", 7);

  const std::string output =
      output_of(std::string("cd / && TZ=Pacific/Chatham LC_ALL=C ") + tests::program + " run acks1-leader-kill --seed 7 --json");

  EXPECT_NE(output.find("\"trace_hash\":\"" + hash + "\""), std::string::npos) << hash << " is not in " << output.substr(0, 300);
}

TEST(Determinism, AnotherSeedGivesAnotherTraceHash) {
  EXPECT_NE(trace_hash_of("acks1-leader-kill", 1), trace_hash_of("acks1-leader-kill", 2));
}

TEST(Determinism, TheGoldenSeedsHaveTheirGoldenHashes) { expect_golden_hashes(); }

}  // namespace
}  // namespace acklab::lab
