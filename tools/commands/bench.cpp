// acklab bench: the benchmarks. Each checks that what it measured really happened.

#include <cstdio>
#include <filesystem>
#include <map>
#include <memory>

#include <CLI/CLI.hpp>

#include "tools/commands/command.h"
#include "tools/commands/http_client.h"
#include "tools/lab/bench_producer.h"
#include "tools/lab/bench_sim.h"
#include "tools/lab/bench_storage.h"

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

struct BenchProducer {
  lab::BenchProducerOptions options;
  JsonOutput json;

  lab::BenchProducerResult measure() const {
    try {
      return lab::bench_producer(options);
    } catch (const std::runtime_error& error) {
      throw BadInput(std::string("bench producer: ") + error.what());
    }
  }

  void run() {
    options.acklab = std::filesystem::read_symlink("/proc/self/exe");
    options.librdkafka = std::filesystem::path(options.acklab).parent_path() / "librdkafka_load";
    if (!std::filesystem::exists(options.librdkafka)) {
      throw BadInput("bench producer: the program for librdkafka was not built; install librdkafka-dev and build again");
    }
    json.begin();
    options.interrupted = &notice_interrupt();
    const lab::BenchProducerResult result = measure();
    if (!json.to_stdout()) std::fputs(lab::bench_producer_text(options, result).c_str(), stdout);
    if (json.wanted()) json.write(lab::bench_producer_json(result));
    if (result.interrupted) throw Exit{ExitCode::interrupted};
  }
};

void add_bench_producer(CLI::App& bench) {
  auto producer = std::make_shared<BenchProducer>();
  CLI::App* command = bench.add_subcommand("producer", "our producer and librdkafka in turn, into the same cluster");
  command->add_option("--pairs", producer->options.pairs, "runs of each")->check(CLI::Range(1, 100))->capture_default_str();
  command->add_option("--seconds", producer->options.seconds, "that one run should last, about")
      ->check(CLI::Range(0.01, 600.0))
      ->capture_default_str();
  command->add_flag("--all", producer->options.all,
                    "every cell: two sizes, five codecs, three acks, idempotence, 1 and 3 partitions");
  command->add_flag("--quiet", producer->options.quiet, "no progress bar");
  producer->json.add_to(*command);
  command->callback([producer] { producer->run(); });
}

struct BenchStorage {
  lab::BenchLogOptions log;
  lab::BenchClusterOptions cluster;
  std::string part = "all";
  JsonOutput json;

  lab::BenchStorageResult measure() {
    lab::BenchStorageResult result;
    log.interrupted = cluster.interrupted = &notice_interrupt();
    try {
      if (part != "cluster") result.log = lab::bench_log(log);
      if (part != "log" && !*log.interrupted) result.cluster = lab::bench_cluster(cluster);
    } catch (const std::runtime_error& error) {
      throw BadInput(std::string("bench storage: ") + error.what());
    }
    result.interrupted = *log.interrupted;
    return result;
  }

  void run() {
    log.pairs = cluster.pairs;
    log.quiet = cluster.quiet;
    if (log.folder.empty()) log.folder = std::filesystem::temp_directory_path();
    cluster.acklab = std::filesystem::read_symlink("/proc/self/exe");
    const std::filesystem::path folder = std::filesystem::path(cluster.acklab).parent_path();
    cluster.librdkafka_load = folder / "librdkafka_load";
    cluster.librdkafka_mock = folder / "librdkafka_mock";
    cluster.http_get = [](const std::string& base, const std::string& target) { return http_request(base, "GET", target).body; };
    if (part != "log" && !std::filesystem::exists(cluster.librdkafka_mock)) {
      throw BadInput(
          "bench storage: the programs for librdkafka were not built; install librdkafka-dev and build again, or say --part log");
    }
    json.begin();
    const lab::BenchStorageResult result = measure();
    if (!json.to_stdout()) std::fputs(lab::bench_storage_text(result).c_str(), stdout);
    if (json.wanted()) json.write(lab::bench_storage_json(result));
    if (result.interrupted) throw Exit{ExitCode::interrupted};
  }
};

void add_bench_storage(CLI::App& bench) {
  auto storage = std::make_shared<BenchStorage>();
  CLI::App* command =
      bench.add_subcommand("storage", "the log beside what its work costs at least; clusters beside librdkafka's mock");
  command->add_option("--part", storage->part, "log: by itself; cluster: with clients")
      ->check(CLI::IsMember({"all", "log", "cluster"}))
      ->capture_default_str();
  command->add_option("--pairs", storage->cluster.pairs, "runs of each")->check(CLI::Range(1, 100))->capture_default_str();
  command->add_option("--seconds", storage->cluster.seconds, "that one run with clients should last, about")
      ->check(CLI::Range(0.01, 600.0))
      ->capture_default_str();
  command->add_option("--lookup-gb", storage->log.lookup_gigabytes, "size of the log that is looked up in")
      ->check(CLI::Range(0.01, 100.0))
      ->capture_default_str();
  command->add_option("--folder", storage->log.folder,
                      "where logs on files are made: on a disk; without it, where temporary files are");
  command->add_flag("--quiet", storage->cluster.quiet, "no progress bar");
  storage->json.add_to(*command);
  command->callback([storage] { storage->run(); });
}

}  // namespace

void add_bench(CLI::App& program) {
  CLI::App* bench = program.add_subcommand("bench", "the benchmarks; without a name, their list");
  bench->require_subcommand(0, 1);
  bench->callback([bench] {
    if (!bench->get_subcommands().empty()) return;
    for (const CLI::App* one : bench->get_subcommands({})) {
      std::printf("acklab bench %-8s %s\n", one->get_name().c_str(), one->get_description().c_str());
    }
  });

  add_bench_storage(*bench);
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
  add_bench_producer(*bench);
  command->callback([sim] { sim->run(); });
}

}  // namespace acklab
