#include "tools/commands/cluster_control.h"

#include "broker/control/metrics_page.h"

namespace acklab {
namespace {

using protocol::NodeId;

broker::ClusterReport report(const broker::Cluster& cluster, const broker::FaultEngine& engine) {
  broker::ClusterReport report;
  const broker::ClusterView view = engine.view();
  for (const protocol::BrokerId broker : cluster.brokers()) {
    const NodeId node = NodeId::broker(broker);
    report.brokers.push_back({.id = broker.value,
                              .address = to_string(cluster.bootstrap()[static_cast<std::size_t>(broker.value)]),
                              .alive = cluster.alive(node),
                              .usable = view.usable_brokers().contains(node)});
  }
  report.controller_alive = cluster.alive(NodeId::controller());
  report.partitions = view.partitions();
  return report;
}

std::vector<broker::FaultReport> reports(const broker::FaultEngine& engine) {
  std::vector<broker::FaultReport> all;
  for (const broker::FaultEngine::Status& status : engine.status()) {
    broker::FaultReport& report = all.emplace_back();
    report.id = status.id;
    report.planned = status.planned;
    report.fired = status.fired;
    if (status.fired > 0) report.first_fired = status.first_fired.time_since_epoch();
  }
  return all;
}

std::string metrics(const broker::Cluster& cluster, const broker::FaultEngine& engine) {
  broker::MetricsSource source;
  for (const protocol::BrokerId broker : cluster.brokers()) source.brokers[broker] = &cluster.metrics(broker);
  source.controller = &cluster.controller_metrics();
  return metrics_page(source, report(cluster, engine), reports(engine));
}

}  // namespace

broker::ControlPlane control_plane(broker::Cluster& cluster, broker::FaultEngine& engine) {
  return {.cluster = [&] { return report(cluster, engine); },
          .metrics = [&] { return metrics(cluster, engine); },
          .faults = {.read = [](std::string_view) -> protocol::Result<broker::Fault, std::string> {
                       return protocol::failure(std::string("this cluster takes no faults"));
                     },
                     .inject = {},
                     .lift = {},
                     .list = [&] { return reports(engine); }}};
}

}  // namespace acklab
