// The page that Prometheus reads: what brokers and controller count, and what the journal tells of the cluster. Names are Kafka's as the
// usual JMX exporter rules write them: kafka.server:type=ReplicaManager,name=LeaderCount is kafka_server_replicamanager_leadercount.
// One process holds all brokers here, so each series says which one it is of.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "broker/control/control_plane.h"
#include "broker/metrics.h"

namespace acklab::broker {

// All outlive the call.
struct MetricsSource {
  std::map<protocol::BrokerId, const BrokerMetrics*> brokers;
  const ControllerMetrics* controller = nullptr;
};

std::string metrics_page(const MetricsSource& source, const ClusterReport& cluster, const std::vector<FaultReport>& faults);

}  // namespace acklab::broker
