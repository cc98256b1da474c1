#include "tools/lab/bench_loads.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <initializer_list>
#include <stdexcept>
#include <string_view>
#include <utility>

#include <nlohmann/json.hpp>

#include "tools/lab/load.h"

namespace acklab::lab {
namespace {

constexpr std::int64_t least_kept_bytes = 2 << 20;  // of a partition

ClusterRun run(const ServedCluster& served, const std::vector<std::string>& command) {
  const double cpu = served.cpu_seconds();
  const nlohmann::json told = nlohmann::json::parse(output_of(command));
  ClusterRun run;
  run.records_a_second = told.at("throughput_records_s");
  const double records = run.records_a_second * told.at("seconds").get<double>();
  run.broker_cpu_us = (served.cpu_seconds() - cpu) * 1e6 / std::max(records, 1.0);
  return run;
}

}  // namespace

BenchLoads::BenchLoads(const BenchClusterOptions& options)
    : options_(options), folder_(std::filesystem::temp_directory_path() / fmt::format("acklab-bench-{}", getpid())) {
  std::filesystem::create_directory(folder_);
  for (const int size : {100, 1000}) {
    std::ofstream file(payload(size));
    for (const std::string& line : sized_orders(static_cast<std::size_t>(size), 20'000)) file << line << '\n';
  }
}

BenchLoads::~BenchLoads() { std::filesystem::remove_all(folder_); }

std::vector<std::string> BenchLoads::ours(int brokers, int partitions, int replicas) const {
  const std::int64_t kept = std::max(bench_kept_bytes / partitions, least_kept_bytes);
  std::vector<std::string> arguments{"--brokers", std::to_string(brokers), "--topic",
                                     fmt::format("bench:{}:{}", partitions, replicas)};
  for (const auto& [key, value] :
       std::initializer_list<std::pair<const char*, std::int64_t>>{{"log.retention.bytes", kept},
                                                                   {"log.segment.bytes", kept / 4},
                                                                   {"log.retention.check.interval.ms", 50},
                                                                   {"log.segment.delete.delay.ms", 0}}) {
    arguments.insert(arguments.end(), {"--set", fmt::format("{}={}", key, value)});
  }
  return serve_command(options_.acklab, arguments);
}

ClusterRun BenchLoads::librdkafka(const ServedCluster& served, int size, const std::string& acks, std::int64_t records) const {
  // Here it is the load and not what is measured: its memory, too, shall be used again and not be handed back and fetched.
  return run(served,
             {"/usr/bin/env", "MALLOC_TRIM_THRESHOLD_=1000000000", "MALLOC_MMAP_THRESHOLD_=33554432", "MALLOC_TOP_PAD_=67108864",
              options_.librdkafka_load, served.bootstrap(), "bench", std::to_string(records), "0", payload(size), "acks=" + acks,
              "linger.ms=5", fmt::format("batch.size={}", bench_librdkafka_batch), "batch.num.messages=1000000"});
}

ClusterRun BenchLoads::our_producer(const ServedCluster& served, std::int64_t records, int batch) const {
  return run(served, {options_.acklab, "perf", "-b", served.bootstrap(), "--topic", "bench", "--json", "--num-records",
                      std::to_string(records), "--throughput", "-1", "--payload-file", payload(100), "--producer-props",
                      "acks=all", "linger.ms=5", fmt::format("batch.size={}", batch),
                      fmt::format("max.in.flight.requests.per.connection={}", bench_in_flight)});
}

void BenchLoads::check_isr(const ServedCluster& served) const {
  constexpr std::string_view counter = "\nkafka_server_replicamanager_isrshrinks_total";
  const std::string page = options_.http_get(served.http(), "/metrics");
  for (std::size_t at = page.find(counter); at != std::string::npos; at = page.find(counter, at + 1)) {
    const std::size_t value = page.find(' ', at) + 1;
    if (page.compare(value, 2, "0\n") != 0) throw std::runtime_error("a replica left the ISR under load");
  }
}

std::int64_t BenchLoads::records_for(double records_a_second) const {
  return std::max<std::int64_t>(10'000, static_cast<std::int64_t>(records_a_second * options_.seconds));
}

std::string BenchLoads::payload(int size) const { return folder_ / fmt::format("values-{}", size); }

}  // namespace acklab::lab
