#include "tools/lab/summary.h"

#include <algorithm>

namespace acklab::lab {

void Summary::add(const RunResult& result) {
  const Verdict& verdict = result.verdict;
  ++runs;
  repeated += result.repeated ? 1 : 0;
  records += verdict.records;
  std::map<Anomaly, std::int64_t> found;
  for (const Finding& finding : verdict.findings) ++found[finding.anomaly];
  for (const auto& [anomaly, count] : found) {
    AnomalyCount& sum = anomalies[anomaly];
    if (sum.runs++ == 0) sum.seed = result.seed;
    sum.records += count;
  }
  ++judgements[result.judgement];
  for (const FaultCount& fault : verdict.faults) {
    const auto same = std::find_if(faults.begin(), faults.end(), [&](const FaultCount& other) { return other.id == fault.id; });
    if (same == faults.end()) {
      faults.push_back(fault);
    } else {
      same->planned += fault.planned;
      same->fired += fault.fired;
    }
  }
  if (result.judgement != Judgement::as_expected && first_bad_reason.empty()) {
    first_bad_seed = result.seed;
    first_bad_reason = result.reason;
  }
  wall_ms += verdict.wall_ms;
  delivered_ += verdict.records.acked + verdict.records.unanswered;
  sending_ += verdict.timing.sending;
  latencies_.insert(latencies_.end(), verdict.timing.latencies.begin(), verdict.timing.latencies.end());
  sorted_ = false;
}

double Summary::throughput() const {
  const double seconds = std::chrono::duration<double>(sending_).count();
  return seconds > 0 ? static_cast<double>(delivered_) / seconds : 0;
}

protocol::Duration Summary::latency(double p) const {
  if (latencies_.empty()) return protocol::Duration::zero();
  if (!sorted_) std::sort(latencies_.begin(), latencies_.end());
  sorted_ = true;
  const auto rank = static_cast<std::size_t>(p * static_cast<double>(latencies_.size()));
  return latencies_[std::min(rank, latencies_.size() - 1)];
}

}  // namespace acklab::lab
