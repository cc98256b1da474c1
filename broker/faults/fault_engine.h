// Makes planned faults happen. It listens to the journal, so a trigger is matched at the very event that it names, on the turn of the node
// that emits it: an effect on that node, its disk or its side of a link happens before the turn goes on. Effects elsewhere, and delayed
// ones, are posted; over real sockets their order is then not promised.
//
// This is part of the experiment, not of a node: over sockets several nodes' threads reach it, hence the one lock.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "broker/faults/armed_fault.h"
#include "broker/faults/cluster_view.h"
#include "broker/faults/fault.h"
#include "broker/faults/request_fault.h"
#include "broker/faults/targets.h"
#include "protocol/runtime/world.h"

namespace acklab::broker {

class FaultEngine {
 public:
  // Of all that were ever armed: they are remembered, to be told about.
  static constexpr std::size_t max_faults = 10000;

  // What a fault can do to a broker or the controller beyond what the world does to any node. The cluster's: it knows about disks.
  struct Hands {
    std::function<void(protocol::NodeId)> kill;
    std::function<void(protocol::NodeId)> power_loss;
    std::function<void(protocol::NodeId)> restart;
    std::function<void(protocol::NodeId)> shut_down;
    std::function<void(protocol::Election, const protocol::TopicPartition&)> elect;
    std::function<void(protocol::NodeId, const Fault&)> break_disk;  // or mend it: faults of disks
  };

  struct Status {
    Fault fault;
    FaultState state{};
    int planned = 1;
    int fired = 0;
    protocol::Time first_fired{};
    std::set<protocol::NodeId> struck;  // the last time
  };

  // Starts listening, and a director node of its own for delays. `world` outlives the engine; the engine outlives the world's nodes.
  FaultEngine(protocol::World& world, protocol::NodeId director);
  ~FaultEngine();

  void attach(Hands hands);
  // For the target "client:ID"; strangers make themselves known by their requests.
  void name_client(std::string client_id, protocol::NodeId node);
  // To be asked by every broker before it serves a request.
  RequestHook request_hook();

  // Adds faults; their triggers count from now on. The error is a line for the user: an id that is used twice, an unknown `after`.
  Result<void, std::string> arm(FaultPlan plan);
  // One fault, while the world runs; without an id it is given one, which is returned.
  Result<std::string, std::string> inject(Fault fault);
  // Takes one back: it fires no more, its links are healed, its disks mended, the nodes that it paused go on. The error: it is not known,
  // or what it did cannot be undone.
  enum class LiftError { unknown, already_happened };
  Result<void, LiftError> lift(std::string_view id);
  // Disarms everything that has not fired, delays included.
  void disarm();

  // At once, by hand. The error names a target that means nobody.
  Result<void, std::string> perform(const Fault& fault);
  // Heals every link and mends every disk that a fault has touched, and lets every node that stands still go on.
  void heal_all();

  std::vector<protocol::NodeId> resolve(const Target& target) const;
  ClusterView view() const;
  std::vector<Status> status() const;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace acklab::broker
