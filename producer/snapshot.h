// The producer's metrics by Kafka's names, as one list: for a program to read, and for tools to print as a table, JSON or Prometheus text.
//
// Rates are taken over windows, as in Kafka (metric_windows.h), but divided by the time that has really passed, so that they are true
// for a short run too. Averages, extremes and percentiles are since the producer began: an experiment looks at its run as a whole.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "producer/metric_windows.h"
#include "producer/metrics.h"
#include "protocol/runtime/time.h"

namespace acklab::producer {

struct Metric {
  using Tag = std::pair<std::string_view, std::string>;

  std::string_view group;  // Kafka's, or acklab-producer-metrics for what Kafka does not measure
  std::string name;
  std::vector<Tag> tags;  // client-id, and topic or node-id
  double value = 0;
  std::string unit;     // "records", "records/s", "ms" ...; empty: a plain number
  std::string meaning;  // one line
};

// What is measured by looking, not by counting.
struct Gauges {
  std::size_t buffer_total = 0;  // bytes
  std::size_t buffer_available = 0;
  std::size_t waiting_records = 0;
  int requests_in_flight = 0;
  int connections = 0;
  Duration metadata_age{};
};

std::vector<Metric> snapshot(const ProducerMetrics& metrics, const MetricWindows& windows, const Gauges& gauges,
                             const std::string& client_id, protocol::Time now);

}  // namespace acklab::producer
