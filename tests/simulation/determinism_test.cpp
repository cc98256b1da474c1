// A run is a pure function of (scenario, seed): twice in one process, in a fresh process whatever surrounds it, and as written down.
#include <gtest/gtest.h>

#include <array>
#include <cstdio>
#include <memory>
#include <string>

#include <fmt/format.h>

#include "tests/paths.h"
#include "tests/simulation/golden_seeds.h"
#include "tools/lab/repeat.h"

namespace acklab::lab {
namespace {

// What a shell command prints on standard output.
std::string output_of(const std::string& command) {
  std::string text;
  const std::unique_ptr<FILE, int (*)(FILE*)> pipe(popen(command.c_str(), "r"), pclose);
  std::array<char, 4096> buffer;
  while (const std::size_t size = std::fread(buffer.data(), 1, buffer.size(), pipe.get())) text.append(buffer.data(), size);
  return text;
}

Scenario named(std::string_view name) { return *parse_scenario((*find_scenario(name))->toml, name); }

TEST(Determinism, TheSameSeedTwiceInOneProcessIsTheSameEventForEvent) {
  for (const CatalogueEntry& entry : catalogue()) {
    RunOptions options;
    options.seed = 3;
    const RunResult result = run_twice(named(entry.name), options);

    EXPECT_NE(result.judgement, Judgement::violation)
        << result.reason << "\nreplay: tools/acklab run " << entry.name << " --seed 3 --check-determinism";
  }
}

TEST(Determinism, AnotherSeedGivesAnotherTraceHash) {
  EXPECT_NE(trace_hash_of("acks1-leader-kill", 1), trace_hash_of("acks1-leader-kill", 2));
}

TEST(Determinism, TheGoldenSeedsHaveTheirGoldenHashes) { expect_golden_hashes(); }

// Whatever surrounds a process: the shell code that comes before the program's name.
struct Surroundings {
  const char* name;
  const char* shell;
};

// A locale of its own, since machines have few; it lies in a folder that goes with the shell.
constexpr const char* turkish =
    "locales=$(mktemp -d); trap 'rm -rf $locales' EXIT; localedef -c -i tr_TR -f UTF-8 $locales/tr_TR.UTF-8 2>/dev/null; "
    "LOCPATH=$locales LC_ALL=tr_TR.UTF-8 LANG=tr_TR.UTF-8 LANGUAGE=tr";

constexpr std::array surroundings{
    Surroundings{"AnOddTimeZone", "TZ=Pacific/Chatham"},
    Surroundings{"ATurkishLocale", turkish},
    Surroundings{"AnUnknownLocale", "LC_ALL=xx_YY.latin1 LANG=xx LC_NUMERIC=de_DE"},
    Surroundings{"ThePosixLocale", "LC_ALL=POSIX"},
    Surroundings{"AnotherWorkingDirectory", "cd / &&"},
    Surroundings{"AWorkingDirectoryThatIsGone", "gone=$(mktemp -d) && cd $gone && rmdir $gone &&"},
    Surroundings{"AnotherUsersHome", "HOME=/nonexistent USER=somebody LOGNAME=somebody SHELL=/bin/false TMPDIR=/nonexistent"},
    Surroundings{"NoEnvironmentAtAll", "env -i"},
    Surroundings{"NoStandardInput", "exec <&-;"},
    Surroundings{"FewFilesAndLittleStack", "ulimit -n 16; ulimit -s 1024;"},
    // Memory that nobody wrote has other bytes, and objects lie at other addresses.
    Surroundings{"UninitialisedMemoryOfOnes", "MALLOC_PERTURB_=165"},
    Surroundings{"AnotherAllocator",
                 "GLIBC_TUNABLES=glibc.malloc.tcache_count=0:glibc.malloc.mmap_threshold=1024:glibc.malloc.mxfast=0"},
};

class WhateverTheSurroundings : public testing::TestWithParam<Surroundings> {};

TEST_P(WhateverTheSurroundings, AFreshProcessGivesTheSameTraceHash) {
  const std::string hash = trace_hash_of("acks1-leader-kill", 7);

  const std::string command = fmt::format("{} {} run acks1-leader-kill --seed 7 --json", GetParam().shell, tests::program);
  const std::string output = output_of(command);

  EXPECT_NE(output.find("\"trace_hash\":\"" + hash + "\""), std::string::npos)
      << hash << " is not in what this printed: " << command << "\n"
      << output.substr(0, 300);
}

INSTANTIATE_TEST_SUITE_P(Determinism, WhateverTheSurroundings, testing::ValuesIn(surroundings),
                         [](const auto& one) { return std::string(one.param.name); });

}  // namespace
}  // namespace acklab::lab
