#include "tools/commands/cluster_control.h"

#include "broker/control/metrics_page.h"
#include "tools/lab/fault_ground.h"
#include "tools/lab/fault_reader.h"

namespace acklab {
namespace {

using protocol::failure;
using protocol::NodeId;
using protocol::Result;

broker::ClusterReport report(const broker::Cluster& cluster, const broker::FaultEngine& engine) {
  broker::ClusterReport report;
  const broker::ClusterView view = engine.view();
  for (const protocol::BrokerId broker : cluster.brokers()) {
    const NodeId node = NodeId::broker(broker);
    report.brokers.push_back({.id = broker.value,
                              .address = to_string(cluster.bootstrap()[static_cast<std::size_t>(broker.value)]),
                              .alive = cluster.alive(node),
                              .paused = view.paused().contains(node),
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
    report.id = status.fault.id;
    report.verb = name(status.fault.verb);
    report.target = status.fault.target_text();
    report.state = name(status.state);
    report.planned = status.planned;
    report.fired = status.fired;
    for (const NodeId node : status.struck) report.struck.push_back(to_string(node));
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

Result<void, std::string> lift(broker::FaultEngine& engine, std::string_view id) {
  const auto lifted = engine.lift(id);
  if (lifted) return {};
  // Whoever asks knows that the fault exists.
  return failure("fault \"" + std::string(id) +
                 "\" is over, and what it did cannot be undone; plan its opposite, as restart after kill");
}

}  // namespace

broker::ControlPlane control_plane(broker::Cluster& cluster, broker::FaultEngine& engine) {
  const auto ground = lab::FaultGround::of_open_cluster(static_cast<int>(cluster.brokers().size()));
  return {.cluster = [&] { return report(cluster, engine); },
          .metrics = [&] { return metrics(cluster, engine); },
          .faults = {.read = [ground](std::string_view json) { return lab::read_fault_json(json, ground); },
                     .inject = [&](broker::Fault fault) { return engine.inject(std::move(fault)); },
                     .lift = [&](std::string_view id) { return lift(engine, id); },
                     .list = [&] { return reports(engine); }}};
}

}  // namespace acklab
