// Clients on loopback into a served cluster, beside what they get into librdkafka's mock cluster and beside what the sockets allow; and how
// the cost of a record and the memory grow with partitions, connections and brokers.
#pragma once

#include <atomic>
#include <functional>
#include <string>
#include <vector>

#include "tools/lab/bench_pairs.h"

namespace acklab::lab {

struct BenchClusterOptions {
  int pairs = 5;
  double seconds = 1;           // that a run should last, about
  std::string acklab;           // this program
  std::string librdkafka_load;  // the program that puts the load on librdkafka
  std::string librdkafka_mock;  // the program that is librdkafka's mock cluster
  std::function<std::string(const std::string& base, const std::string& target)> http_get;
  bool quiet = false;
  const std::atomic<bool>* interrupted = nullptr;
};

// One size of a cluster that grows in one way.
struct GrowthPoint {
  std::string what;  // "partitions"
  int size = 0;
  double records_a_second = 0;
  double broker_cpu_us = 0;  // of the whole cluster, for each record
  double resident_mb = 0;    // afterwards
};

struct BenchClusterResult {
  std::vector<BenchLine> lines;
  std::vector<GrowthPoint> growth;
  double idle_resident_mb = 0;  // of three brokers that nobody has used
  bool interrupted = false;
};

// Throws std::runtime_error, a line for the user, if a child cannot be run.
BenchClusterResult bench_cluster(const BenchClusterOptions& options);

}  // namespace acklab::lab
