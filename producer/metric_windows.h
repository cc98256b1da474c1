// What rates are taken over: what was counted at a few times past. Kafka's windows: a sample every metrics.sample.window.ms, and a rate
// reaches back over metrics.num.samples of them at most. Pure; a turn pays one comparison, a record nothing.
#pragma once

#include <cstddef>
#include <deque>

#include "producer/config.h"
#include "producer/metrics.h"
#include "protocol/runtime/time.h"

namespace acklab::producer {

// Samples that are kept at most, whatever metrics.num.samples says: each holds the counts of every topic and node.
inline constexpr std::size_t max_metric_samples = 1000;

class MetricWindows {
 public:
  MetricWindows(const ProducerConfig& config, protocol::Time began);

  // Before anything is counted at this time.
  void roll(protocol::Time now, const ProducerCounts& counts) {
    if (now - newest_ >= window_) take_sample(now, counts);
  }

  // What was counted when the oldest window began that is within reach. Null: there is none, or no time has passed.
  struct Since {
    const ProducerCounts* counts = nullptr;
    Duration elapsed{};
  };
  Since since(protocol::Time now) const;

 private:
  struct Sample {
    protocol::Time at;
    ProducerCounts counts;
  };
  void take_sample(protocol::Time now, const ProducerCounts& counts);
  bool too_old(const Sample& sample, protocol::Time now) const { return now - sample.at > reach_; }

  const Duration window_;
  const Duration reach_;
  protocol::Time newest_;
  std::deque<Sample> samples_;  // oldest first; never empty
};

}  // namespace acklab::producer
