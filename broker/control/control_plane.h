// What can be asked of a running cluster from outside, and done to it: values and functions, so that the routes of the HTTP interface
// need neither a cluster nor a fault engine. Each function may be called on several threads at once. None is called on a node's turn:
// whoever asks may have to wait for a node, never the other way round.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "broker/faults/cluster_view.h"
#include "broker/faults/fault.h"
#include "protocol/result.h"
#include "protocol/runtime/time.h"

namespace acklab::broker {

struct ClusterReport {
  struct Broker {
    std::int32_t id = 0;
    std::string address{};
    bool alive = true;    // its process
    bool paused = false;  // it lives and stands still
    bool usable = true;   // for the controller: registered and not fenced
  };
  std::vector<Broker> brokers;
  bool controller_alive = true;
  std::map<protocol::TopicPartition, ClusterView::Partition> partitions;
};

// A fault that was planned, and what became of it.
struct FaultReport {
  std::string id{};
  std::string verb{};
  std::string target{};  // empty: anyone
  std::string state{};   // the engine's word: "armed", "done"
  int planned = 1;
  int fired = 0;                                    // what changed nothing, because its target meant nobody then, has not fired
  std::vector<std::string> struck{};                // "broker 1"
  std::optional<protocol::Duration> first_fired{};  // since the cluster began
};

// Errors are lines for the user.
struct FaultDesk {
  // From the JSON of one fault; its keys are those of a [[fault]] table.
  std::function<protocol::Result<Fault, std::string>(std::string_view json)> read;
  // Plans it; what has no `when` acts before this returns. Answers with the fault's id, which is drawn if it has none.
  std::function<protocol::Result<std::string, std::string>(Fault fault)> inject;
  // Takes back what has not happened, and ends what still works.
  std::function<protocol::Result<void, std::string>(std::string_view id)> lift;
  std::function<std::vector<FaultReport>()> list;
};

struct ControlPlane {
  std::function<ClusterReport()> cluster;
  std::function<std::string()> metrics;  // a page in Prometheus' text format
  FaultDesk faults;
};

}  // namespace acklab::broker
