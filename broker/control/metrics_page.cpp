#include "broker/control/metrics_page.h"

#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

#include <algorithm>
#include <limits>
#include <utility>

#include "protocol/messages/registry.h"

namespace acklab::broker {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;

namespace {

using Labels = std::vector<ClientMetric::Label>;

Labels of_broker(protocol::BrokerId broker, Labels more = {}) {
  more.insert(more.begin(), {"broker", std::to_string(broker.value)});
  return more;
}

class Page {
 public:
  Page(const MetricsSource& source, const ClusterReport& cluster) : source_(source), cluster_(cluster) {}

  void counter(std::string name, std::string help, Counter BrokerMetrics::*counter) {
    begin(std::move(name), std::move(help), MetricType::Counter);
    for (const auto& [id, metrics] : source_.brokers) add(of_broker(id), (metrics->*counter).value());
  }

  // Of the living: nobody knows what a dead broker would say.
  void gauge(std::string name, std::string help, Gauge BrokerMetrics::*gauge) {
    begin(std::move(name), std::move(help), MetricType::Gauge);
    for (const ClusterReport::Broker& broker : cluster_.brokers) {
      const auto found = source_.brokers.find({broker.id});
      if (broker.alive && found != source_.brokers.end()) add(of_broker({broker.id}), (found->second->*gauge).value());
    }
  }

  void begin(std::string name, std::string help, MetricType type) {
    families_.push_back({.name = std::move(name), .help = std::move(help), .type = type, .metric = {}});
  }
  void add(Labels labels, std::int64_t value) {
    ClientMetric metric;
    metric.label = std::move(labels);
    (families_.back().type == MetricType::Counter ? metric.counter.value : metric.gauge.value) = static_cast<double>(value);
    families_.back().metric.push_back(std::move(metric));
  }
  void add(Labels labels, const TimeHistogram& times) {
    ClientMetric metric;
    metric.label = std::move(labels);
    const auto counts = times.counts();
    for (std::size_t i = 0; i < counts.size(); ++i) {
      metric.histogram.sample_count += static_cast<std::uint64_t>(counts[i]);
      const bool last = i == TimeHistogram::bounds_ms.size();
      metric.histogram.bucket.push_back(
          {metric.histogram.sample_count, last ? std::numeric_limits<double>::infinity() : TimeHistogram::bounds_ms[i]});
    }
    metric.histogram.sample_sum = times.sum_ms();
    families_.back().metric.push_back(std::move(metric));
  }

  // The families that concern requests, one series for each API that was asked for.
  void requests() {
    begin("kafka_network_requestmetrics_requests_total", "Requests that were served.", MetricType::Counter);
    for_each_api([this](protocol::BrokerId broker, const std::string& api, const RequestMetrics& metrics) {
      for (std::size_t version = 0; version < metrics.requests.size(); ++version) {
        const std::int64_t count = metrics.requests[version].value();
        if (count > 0) add(of_broker(broker, {{"request", api}, {"version", std::to_string(version)}}), count);
      }
    });
    begin("kafka_network_requestmetrics_errors_total", "Error codes in answers, NONE included.", MetricType::Counter);
    for_each_api([this](protocol::BrokerId broker, const std::string& api, const RequestMetrics& metrics) {
      for (std::size_t i = 0; i < metrics.errors.size(); ++i) {
        const std::int64_t count = metrics.errors[i].value();
        const auto code = static_cast<protocol::ErrorCode>(static_cast<std::int16_t>(i) + RequestMetrics::first_code);
        if (count > 0) add(of_broker(broker, {{"request", api}, {"error", std::string(name(code))}}), count);
      }
    });
    begin("kafka_network_requestmetrics_totaltimems",
          "From a request's turn to be served until its answer was handed over, in milliseconds.", MetricType::Histogram);
    for_each_api([this](protocol::BrokerId broker, const std::string& api, const RequestMetrics& metrics) {
      const auto counts = metrics.total_time.counts();
      const bool any = std::any_of(counts.begin(), counts.end(), [](std::int64_t count) { return count > 0; });
      if (any) add(of_broker(broker, {{"request", api}}), metrics.total_time);
    });
  }

  std::string text() const { return prometheus::TextSerializer().Serialize(families_); }

 private:
  template <class Visit>
  void for_each_api(Visit visit) const {
    for (const auto& [broker, metrics] : source_.brokers) {
      for (const auto& [key, requests] : metrics->requests) {
        const protocol::Api* api = protocol::find_api(key);
        visit(broker, api ? std::string(api->name) : std::to_string(key), requests);
      }
    }
  }

  const MetricsSource& source_;
  const ClusterReport& cluster_;
  std::vector<MetricFamily> families_;
};

// Whatever the brokers know, these are the controller's view, as the journal tells it.
void controller(Page& page, const MetricsSource& source, const ClusterReport& cluster) {
  const auto count = [&](auto condition) { return std::count_if(cluster.brokers.begin(), cluster.brokers.end(), condition); };
  page.begin("kafka_controller_kafkacontroller_activecontrollercount", "1 while the controller lives.", MetricType::Gauge);
  page.add({}, cluster.controller_alive ? 1 : 0);
  page.begin("kafka_controller_kafkacontroller_activebrokercount", "Brokers that are registered and not fenced.",
             MetricType::Gauge);
  page.add({}, count([](const ClusterReport::Broker& broker) { return broker.usable; }));
  page.begin("kafka_controller_kafkacontroller_fencedbrokercount", "Brokers that are fenced.", MetricType::Gauge);
  page.add({}, count([](const ClusterReport::Broker& broker) { return !broker.usable; }));
  page.begin("kafka_controller_kafkacontroller_globalpartitioncount", "Partitions of the cluster.", MetricType::Gauge);
  page.add({}, static_cast<std::int64_t>(cluster.partitions.size()));
  page.begin("kafka_controller_kafkacontroller_offlinepartitionscount", "Partitions without a leader.", MetricType::Gauge);
  page.add({}, std::count_if(cluster.partitions.begin(), cluster.partitions.end(),
                             [](const auto& entry) { return !entry.second.leader.known(); }));
  page.begin("kafka_controller_controllerstats_leaderelections_total", "Elections that found a leader.", MetricType::Counter);
  page.add({}, source.controller->leader_elections.value());
}

void faults_fired(Page& page, const std::vector<FaultReport>& faults) {
  std::map<std::string, std::int64_t> fired;
  for (const FaultReport& fault : faults) fired[fault.verb] += fault.fired;
  page.begin("acklab_faults_fired_total", "Planned faults that took effect.", MetricType::Counter);
  for (const auto& [verb, count] : fired) page.add({{"do", verb}}, count);
}

}  // namespace

std::string metrics_page(const MetricsSource& source, const ClusterReport& cluster, const std::vector<FaultReport>& faults) {
  Page page(source, cluster);
  page.counter("kafka_server_brokertopicmetrics_messagesin_total", "Records that producers sent and the log took.",
               &BrokerMetrics::messages_in);
  page.counter("kafka_server_brokertopicmetrics_bytesin_total", "Their bytes.", &BrokerMetrics::bytes_in);
  page.counter("kafka_server_brokertopicmetrics_bytesout_total", "Bytes of batches sent to consumers.",
               &BrokerMetrics::bytes_out);
  page.counter("kafka_server_brokertopicmetrics_replicationbytesout_total", "Bytes of batches sent to followers.",
               &BrokerMetrics::replication_bytes_out);
  page.counter("kafka_server_brokertopicmetrics_totalproducerequests_total", "Produce requests, by partition.",
               &BrokerMetrics::produce_requests);
  page.counter("kafka_server_brokertopicmetrics_failedproducerequests_total", "Those that were refused.",
               &BrokerMetrics::failed_produce_requests);
  page.counter("kafka_server_brokertopicmetrics_totalfetchrequests_total", "Fetch requests, by partition.",
               &BrokerMetrics::fetch_requests);
  page.counter("kafka_server_brokertopicmetrics_failedfetchrequests_total", "Those that were refused.",
               &BrokerMetrics::failed_fetch_requests);
  page.gauge("kafka_server_replicamanager_partitioncount", "Replicas on this broker.", &BrokerMetrics::partitions);
  page.gauge("kafka_server_replicamanager_leadercount", "Partitions that this broker leads.", &BrokerMetrics::leaders);
  page.gauge("kafka_server_replicamanager_underreplicatedpartitions", "Those of them with a replica that is not in sync.",
             &BrokerMetrics::under_replicated);
  page.gauge("kafka_server_replicamanager_underminisrpartitioncount",
             "Those of them with fewer in sync than min.insync.replicas.", &BrokerMetrics::under_min_isr);
  page.counter("kafka_server_replicamanager_isrshrinks_total", "Replicas in sync became fewer.", &BrokerMetrics::isr_shrinks);
  page.counter("kafka_server_replicamanager_isrexpands_total", "Replicas in sync became more.", &BrokerMetrics::isr_expands);
  page.gauge("kafka_server_socket_server_metrics_connection_count", "Open connections, those of other brokers included.",
             &BrokerMetrics::connections);
  page.requests();
  controller(page, source, cluster);
  faults_fired(page, faults);
  return page.text();
}

}  // namespace acklab::broker
