// acklab bench: the benchmarks. Each checks that what it measured really happened.

#include <cstdio>
#include <map>
#include <memory>

#include <CLI/CLI.hpp>

#include "tools/commands/command.h"
#include "tools/lab/bench_sim.h"

namespace acklab {
namespace {

struct BenchSim {
  lab::BenchSimOptions options;
  std::int64_t milliseconds = 10'000;
  bool no_invariants = false;
  JsonOutput json;

  void run() {
    options.duration = std::chrono::milliseconds(milliseconds);
    options.watch = no_invariants ? lab::Watch::nothing : lab::Watch::invariants;
    json.begin();
    options.interrupted = &notice_interrupt();
    const lab::BenchSimResult result = lab::bench_sim(options);
    if (!json.to_stdout()) std::fputs(lab::bench_sim_text(options, result).c_str(), stdout);
    if (json.wanted()) json.write(lab::bench_sim_json(options, result));
    if (result.interrupted) throw Exit{ExitCode::interrupted};
    if (!result.unmet.empty()) throw Exit{ExitCode::proves_nothing};
  }
};

}  // namespace

void add_bench(CLI::App& program) {
  CLI::App* bench = program.add_subcommand("bench", "the benchmarks; without a name, their list");
  bench->require_subcommand(0, 1);
  bench->callback([bench] {
    if (!bench->get_subcommands().empty()) return;
    for (const CLI::App* one : bench->get_subcommands({})) {
      std::printf("acklab bench %-6s %s\n", one->get_name().c_str(), one->get_description().c_str());
    }
  });

  auto sim = std::make_shared<BenchSim>();
  CLI::App* command = bench->add_subcommand("sim", "whole experiments a second in the simulator: failover, catch-up, verdict");
  command->add_option("--for", sim->milliseconds, "how long to measure, in all")
      ->transform(CLI::AsNumberWithUnit(std::map<std::string, std::int64_t>{{"ms", 1}, {"s", 1000}, {"m", 60'000}},
                                        CLI::AsNumberWithUnit::UNIT_REQUIRED, "TIME"))
      ->check(CLI::Range(1, 3'600'000))
      ->default_str("10s");
  command->add_option("--jobs", sim->options.jobs, "worlds at a time; 0: one for each core")
      ->check(CLI::Range(0, 1024))
      ->capture_default_str();
  command->add_option("--compression", sim->options.compression, "the producer's compression.type")
      ->check(CLI::IsMember({"none", "gzip", "snappy", "lz4", "zstd"}))
      ->capture_default_str();
  command->add_flag("--no-invariants", sim->no_invariants, "do not check invariants, to see what they cost");
  sim->json.add_to(*command);
  command->callback([sim] { sim->run(); });
}

}  // namespace acklab
