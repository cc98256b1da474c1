// Many runs as one row: sums, and the numbers that a table or a summary object shows.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "tools/lab/run.h"

namespace acklab::lab {

// For one anomaly: how many runs showed it, how many records in all, and one seed to look at.
struct AnomalyCount {
  std::int64_t runs = 0;
  std::int64_t records = 0;
  std::uint64_t seed = 0;
};

class Summary {
 public:
  void add(const RunResult& result);

  std::int64_t runs = 0;
  std::int64_t repeated = 0;  // of which so many were run twice and compared
  RecordCounts records;
  std::map<Anomaly, AnomalyCount> anomalies;
  std::map<Judgement, std::int64_t> judgements;
  std::vector<FaultCount> faults;    // summed by id
  std::uint64_t first_bad_seed = 0;  // of the first run that was not as expected; 0: none
  std::string first_bad_reason;
  double wall_ms = 0;

  // Acked or, under acks=0, sent records for each second of the world's time.
  double throughput() const;
  // In the world's time; p in (0, 1).
  protocol::Duration latency(double p) const;

 private:
  std::int64_t delivered_ = 0;
  protocol::Duration sending_{0};
  mutable std::vector<protocol::Duration> latencies_;
  mutable bool sorted_ = false;
};

}  // namespace acklab::lab
