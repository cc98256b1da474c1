// A producer's metrics as text: a table for people, JSON for programs, and Prometheus' exposition format.
#pragma once

#include <string>
#include <vector>

#include "producer/snapshot.h"

namespace acklab::lab {

// One line each, aligned, under a heading for each group and topic or node: "  record-send-rate   12.000 records/s   records in ...".
std::string metrics_table(const std::vector<producer::Metric>& metrics);

// A JSON array of {"group", "name", "tags", "value", "unit"}.
std::string metrics_json(const std::vector<producer::Metric>& metrics);

// Families are named after the group and the metric: producer-topic-metrics' byte-rate is acklab_producer_topic_byte_rate{topic="..."}.
std::string metrics_prometheus(const std::vector<producer::Metric>& metrics);

}  // namespace acklab::lab
