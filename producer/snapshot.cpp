#include "producer/snapshot.h"

#include <chrono>

namespace acklab::producer {

using protocol::Time;

namespace {

constexpr double ns_in_ms = 1e6;

double as_number(auto value) { return static_cast<double>(value); }
double ratio(std::int64_t part, std::int64_t whole) { return whole == 0 ? 0 : as_number(part) / as_number(whole); }

// Writes metrics of one group with the same tags.
class Sheet {
 public:
  // `list` outlives the sheet.
  Sheet(std::vector<Metric>& list, std::string_view group, std::vector<Metric::Tag> tags)
      : list_(list), group_(group), tags_(std::move(tags)) {}

  void add(std::string name, double value, std::string unit, std::string meaning) {
    list_.push_back({group_, std::move(name), tags_, value, std::move(unit), std::move(meaning)});
  }

  // NAME-avg and NAME-max. `spread` is an Extent or a Histogram of so many `scale` a unit.
  void avg_and_max(const std::string& name, const auto& spread, double scale, const std::string& unit, const std::string& what) {
    add(name + "-avg", spread.mean() / scale, unit, what + ", on average");
    add(name + "-max", as_number(spread.max()) / scale, unit, what + ", at most");
  }

  void percentiles(const std::string& name, const Histogram& nanoseconds, const std::string& what) {
    add(name + "-p50", as_number(nanoseconds.quantile(500)) / ns_in_ms, "ms", what + ", median");
    add(name + "-p95", as_number(nanoseconds.quantile(950)) / ns_in_ms, "ms", what + ", 95th percentile");
    add(name + "-p99", as_number(nanoseconds.quantile(990)) / ns_in_ms, "ms", what + ", 99th percentile");
  }

 private:
  std::vector<Metric>& list_;
  std::string_view group_;
  std::vector<Metric::Tag> tags_;
};

// Writes pairs: how fast a count grows, and the count.
template <class Counts>
class Growth {
 public:
  // All outlive this. `before` may be null: then nothing has grown.
  Growth(Sheet& sheet, const Counts& now, const Counts* before, Duration elapsed)
      : sheet_(sheet), now_(now), before_(before), seconds_(std::chrono::duration<double>(elapsed).count()) {}

  // NAME-rate and NAME-total.
  void operator()(const std::string& name, const std::string& unit, auto total, const std::string& what) const {
    const double rate = before_ ? (as_number(total(now_)) - as_number(total(*before_))) / seconds_ : 0;
    sheet_.add(name + "-rate", rate, unit + "/s", what + ", a second");
    sheet_.add(name + "-total", as_number(total(now_)), unit, what + ", in all");
  }
  void operator()(const std::string& name, const std::string& unit, std::int64_t Counts::*total, const std::string& what) const {
    (*this)(
        name, unit, [total](const Counts& counts) { return counts.*total; }, what);
  }

 private:
  Sheet& sheet_;
  const Counts& now_;
  const Counts* before_;
  double seconds_;
};

using Since = MetricWindows::Since;

void add_producer(Sheet sheet, const ProducerMetrics& metrics, const Since& since, const Gauges& gauges) {
  using C = ProducerCounts;
  const Growth<C> growth(sheet, metrics, since.counts, since.elapsed);

  growth("record-send", "records", &C::batched_records, "records in Produce requests, once for each attempt");
  growth("record-retry", "records", &C::record_retries, "records that went back for another attempt");
  growth(
      "record-error", "records", [](const C& c) { return c.records_failed + c.records_unknown; },
      "records that ended without an acknowledgement, failed or unknown");
  sheet.avg_and_max("record-size", metrics.record_size, 1, "bytes", "what a record takes of a batch, before compression");
  sheet.avg_and_max("record-queue-time", metrics.queue_time, ns_in_ms, "ms",
                    "from a batch's first record to its first request (batch latency)");

  sheet.avg_and_max("batch-size", metrics.batch_size, 1, "bytes", "a batch in a Produce request");
  growth("batch-split", "batches", &C::batch_splits, "batches that were too large for the broker, and were cut");
  sheet.add("compression-rate-avg", ratio(metrics.compressed_bytes, metrics.uncompressed_bytes), "",
            "compressed size of batches through uncompressed; less is better");
  sheet.add("records-per-request-avg", ratio(metrics.batched_records, metrics.requests), "records",
            "records in a Produce request, on average");

  growth("request", "requests", &C::requests, "Produce requests written");
  growth("response", "responses", &C::responses, "answers to Produce requests");
  growth("outgoing-byte", "bytes", &C::batch_bytes, "batches in Produce requests, once for each attempt");
  sheet.avg_and_max("request-size", metrics.request_size, 1, "bytes", "the batches in a Produce request");
  sheet.avg_and_max("request-latency", metrics.request_latency, ns_in_ms, "ms",
                    "from a Produce request to its answer (network latency)");
  sheet.avg_and_max("produce-throttle-time", metrics.throttle_time, ns_in_ms, "ms",
                    "how long a broker's answer asked to hold back");
  sheet.add("requests-in-flight", gauges.requests_in_flight, "requests", "Produce requests without an answer, now");
  sheet.add("connection-count", gauges.connections, "connections", "usable connections for Produce requests, now");
  sheet.add("metadata-age", std::chrono::duration<double>(gauges.metadata_age).count(), "s", "since metadata was learned");

  sheet.add("buffer-total-bytes", as_number(gauges.buffer_total), "bytes", "buffer.memory");
  sheet.add("buffer-available-bytes", as_number(gauges.buffer_available), "bytes", "of buffer.memory not used, now");
  growth("buffer-exhausted", "records", &C::buffer_exhausted, "records that found no room or no metadata for max.block.ms");
  sheet.add("flush-time-ns-total", as_number(metrics.flush_time), "ns", "from calls of flush() to their ends, in all");
}

// The lesson's families, where Kafka has no name for them.
void add_ours(Sheet sheet, const ProducerMetrics& metrics, const Since& since, const Gauges& gauges) {
  using C = ProducerCounts;
  const Growth<C> growth(sheet, metrics, since.counts, since.elapsed);
  growth("record-ack", "records", &C::records_sent, "records acknowledged, or under acks=0 written");
  growth("record-unknown", "records", &C::records_unknown, "records that may be in the log although nobody acknowledged them");
  growth("record-timeout", "records", &C::records_expired,
         "records that ended because delivery.timeout.ms or max.block.ms passed");
  const std::string send = "from send() to the outcome (send latency)";
  sheet.avg_and_max("record-send-latency", metrics.send_latency, ns_in_ms, "ms", send);
  sheet.percentiles("record-send-latency", metrics.send_latency, send);
  sheet.percentiles("record-queue-time", metrics.queue_time, "from a batch's first record to its first request (batch latency)");
  sheet.percentiles("request-latency", metrics.request_latency, "from a Produce request to its answer (network latency)");
  sheet.add("records-per-batch-avg", metrics.batch_records.mean(), "records", "records in a batch, on average");
  sheet.add("waiting-records", as_number(gauges.waiting_records), "records", "records that wait for metadata or for room, now");
}

void add_topic(Sheet sheet, const TopicCounts& topic, const TopicCounts* before, Duration elapsed) {
  using C = TopicCounts;
  const Growth<C> growth(sheet, topic, before, elapsed);
  growth("record-send", "records", &C::records, "records in Produce requests, once for each attempt");
  growth("byte", "bytes", &C::bytes, "batches in Produce requests, once for each attempt");
  growth("record-retry", "records", &C::record_retries, "records that went back for another attempt");
  growth("record-error", "records", &C::record_errors, "records that ended without an acknowledgement, failed or unknown");
  sheet.add("compression-rate", ratio(topic.compressed_bytes, topic.uncompressed_bytes), "",
            "compressed size of batches through uncompressed; less is better");
}

void add_node(Sheet sheet, const NodeCounts& node, const NodeCounts* before, Duration elapsed) {
  using C = NodeCounts;
  const Growth<C> growth(sheet, node, before, elapsed);
  growth("request", "requests", &C::requests, "Produce requests written");
  growth("response", "responses", &C::responses, "answers to Produce requests");
  growth("outgoing-byte", "bytes", &C::request_bytes, "batches in Produce requests, once for each attempt");
  sheet.avg_and_max("request-latency", node.latency, ns_in_ms, "ms", "from a Produce request to its answer (network latency)");
}

// A topic or node that was not known then had counted nothing.
template <class Key, class Counts>
const Counts* counts_before(const std::map<Key, Counts> ProducerCounts::*all, const Key& key, const Since& since) {
  static const Counts nothing{};
  if (!since.counts) return nullptr;
  const auto found = (since.counts->*all).find(key);
  return found == (since.counts->*all).end() ? &nothing : &found->second;
}

}  // namespace

std::vector<Metric> snapshot(const ProducerMetrics& metrics, const MetricWindows& windows, const Gauges& gauges,
                             const std::string& client_id, Time now) {
  const Since since = windows.since(now);
  const Metric::Tag client{"client-id", client_id};
  std::vector<Metric> list;
  add_producer(Sheet(list, "producer-metrics", {client}), metrics, since, gauges);
  add_ours(Sheet(list, "acklab-producer-metrics", {client}), metrics, since, gauges);
  for (const auto& [number, topic] : metrics.topics) {
    add_topic(Sheet(list, "producer-topic-metrics", {client, {"topic", topic.name}}), topic,
              counts_before(&ProducerCounts::topics, number, since), since.elapsed);
  }
  for (const auto& [broker, node] : metrics.nodes) {
    add_node(Sheet(list, "producer-node-metrics", {client, {"node-id", std::to_string(broker.value)}}), node,
             counts_before(&ProducerCounts::nodes, broker, since), since.elapsed);
  }
  return list;
}

}  // namespace acklab::producer
