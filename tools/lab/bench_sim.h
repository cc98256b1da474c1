// How many whole experiments a core gets through: the speed of the simulator, measured on what it is for.
//
// One experiment: three brokers, a topic with replication 3 and min.insync.replicas=2, an idempotent producer with acks=all. The leader is
// killed while records flow, a follower is elected, the dead broker comes back, catches up and is in sync again; then all is read and
// judged. Every request is encoded and decoded, invariants are checked at every event, and the trace is hashed.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <vector>

#include "protocol/runtime/time.h"
#include "tools/lab/experiment.h"

namespace acklab::lab {

// Batches that an experiment must get acknowledged to count.
inline constexpr std::int64_t bench_sim_batches = 200;

struct BenchSimOptions {
  protocol::Duration duration = std::chrono::seconds(10);  // of all repetitions together
  int repetitions = 5;
  int jobs = 1;                      // worlds at a time; 0: one for each core
  std::string compression = "none";  // Kafka's compression.type
  Watch watch = Watch::invariants;
  const std::atomic<bool>* interrupted = nullptr;  // as in SweepOptions
};

struct BenchSimRepetition {
  std::int64_t experiments = 0;
  double seconds = 0;      // of the wall
  double cpu_seconds = 0;  // of all workers
  double rate() const { return static_cast<double>(experiments) / seconds; }
};

struct BenchSimResult {
  std::vector<BenchSimRepetition> repetitions;  // never none, and each has experiments
  // Sums over all experiments.
  std::int64_t experiments = 0;
  std::int64_t batches_acked = 0;
  std::int64_t records = 0;
  std::uint64_t events = 0;   // of the world: timers, deliveries, accepted connections
  std::uint64_t entries = 0;  // of the journal
  std::uint64_t invariants_checked = 0;
  double virtual_seconds = 0;
  double seconds = 0;
  double cpu_seconds = 0;
  std::uint64_t trace_hash = 0;  // of the first seed
  // Why the figures prove nothing: a condition that did not hold, and its seed; empty if all held in every experiment.
  std::string unmet;
  bool interrupted = false;
};

// The experiment of one seed, and the first of its conditions that did not hold; empty if all did.
struct BenchSimExperiment {
  Verdict verdict;
  std::int64_t batches_acked = 0;
  std::uint64_t entries = 0;
  std::string unmet;
};
BenchSimExperiment bench_sim_experiment(std::uint64_t seed, const std::string& compression, Watch watch);

BenchSimResult bench_sim(const BenchSimOptions& options);

std::string bench_sim_text(const BenchSimOptions& options, const BenchSimResult& result);
std::string bench_sim_json(const BenchSimOptions& options, const BenchSimResult& result);

}  // namespace acklab::lab
