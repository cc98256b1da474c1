// Loads on served clusters, run as programs of their own: what the lines and the growth of the cluster's benchmark share.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "tools/lab/bench_cluster.h"
#include "tools/lab/child.h"

namespace acklab::lab {

constexpr int bench_librdkafka_batch = 1'000'000;  // its default
constexpr int bench_kafka_batch = 16384;           // Kafka's
constexpr int bench_in_flight = 5;                 // Kafka's

constexpr std::int64_t bench_kept_bytes = 64 << 20;                 // of a topic
constexpr std::int64_t bench_warm_up_bytes = 3 * bench_kept_bytes;  // more than is kept, with what waits to be deleted

// What one load needed.
struct ClusterRun {
  double records_a_second = 0;
  double broker_cpu_us = 0;  // for each record
};

class BenchLoads {
 public:
  explicit BenchLoads(const BenchClusterOptions& options);
  ~BenchLoads();
  BenchLoads(const BenchLoads&) = delete;
  BenchLoads& operator=(const BenchLoads&) = delete;

  // The commands of clusters. A log in memory that keeps to its retention writes into memory that it has used before; without one, most of
  // what is measured is the kernel that finds and clears fresh memory. The mock cluster keeps the last 5 MB.
  std::vector<std::string> ours(int brokers, int partitions = 1, int replicas = 1) const;
  std::vector<std::string> mock() const { return {options_.librdkafka_mock, "1", "bench:1:1"}; }

  ClusterRun librdkafka(const ServedCluster& served, int size, const std::string& acks, std::int64_t records) const;
  // With 100-byte records and acks=all.
  ClusterRun our_producer(const ServedCluster& served, std::int64_t records, int batch) const;

  // Throws if a replica has left the ISR meanwhile.
  void check_isr(const ServedCluster& served) const;
  // As many as a run should have.
  std::int64_t records_for(double records_a_second) const;

 private:
  std::string payload(int size) const;

  const BenchClusterOptions& options_;
  std::filesystem::path folder_;
};

}  // namespace acklab::lab
