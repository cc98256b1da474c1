// The controller: who is in the cluster, who leads what, which replicas are in sync. One node with an epoch of its own; its state
// is a log that it flushes before it answers. It decides; brokers learn by fetching its records, so they can be late.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "broker/config.h"
#include "broker/controller/election.h"
#include "broker/metrics.h"
#include "protocol/era.h"
#include "protocol/runtime/runtime.h"
#include "protocol/runtime/world.h"
#include "storage/disk.h"

namespace acklab::broker {

struct ControllerOptions {
  protocol::Address listen;  // internal; never advertised to clients
  BrokerConfig config;       // session time-out, defaults for new topics
  protocol::Era era = protocol::newest_era();
  std::function<void(std::string)> halted{};  // as a broker's
  ControllerMetrics* metrics = nullptr;       // outlives the controller
};

class Controller final : public protocol::Process {
 public:
  Controller(protocol::Runtime& runtime, storage::Disk& disk, ControllerOptions options);
  ~Controller() override;

  // As an operator would by ElectLeaders. On the node's turn.
  void elect(Election election, const TopicPartition& partition);

 private:
  class Core;
  std::unique_ptr<Core> core_;
};

}  // namespace acklab::broker
