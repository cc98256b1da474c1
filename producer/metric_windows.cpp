#include "producer/metric_windows.h"

#include <algorithm>

namespace acklab::producer {

using protocol::Time;

namespace {

Duration reach_of(const ProducerConfig& config) {
  const auto samples = std::min<std::int64_t>(config.metrics_num_samples, std::int64_t{max_metric_samples});
  return std::min(config.metrics_sample_window, Duration::max() / samples) * samples;
}

}  // namespace

MetricWindows::MetricWindows(const ProducerConfig& config, Time began)
    : window_(config.metrics_sample_window), reach_(reach_of(config)), newest_(began) {
  samples_.push_back({began, {}});
}

void MetricWindows::take_sample(Time now, const ProducerCounts& counts) {
  newest_ = now;
  samples_.push_back({now, counts});
  while (too_old(samples_.front(), now)) samples_.pop_front();
}

MetricWindows::Since MetricWindows::since(Time now) const {
  const auto oldest = std::find_if(samples_.begin(), samples_.end(), [&](const Sample& s) { return !too_old(s, now); });
  // A window that began out of reach counts no more, as in Kafka.
  if (oldest == samples_.end() || oldest->at >= now) return {};
  return {&oldest->counts, now - oldest->at};
}

}  // namespace acklab::producer
