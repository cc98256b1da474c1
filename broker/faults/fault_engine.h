// Makes planned faults happen. It listens to the journal, so a trigger is matched at the very event that it names, on the turn of the node
// that emits it: an effect on that node, its disk or its side of a link happens before the turn goes on. Effects elsewhere, and delayed
// ones, are posted; over real sockets their order is then not promised.
//
// This is part of the experiment, not of a node: over sockets several nodes' threads reach it, hence the one lock.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "broker/faults/cluster_view.h"
#include "broker/faults/fault.h"
#include "protocol/runtime/world.h"

namespace acklab::broker {

class FaultEngine {
 public:
  // What a fault can do to a node. The cluster's, since it knows about disks.
  struct Hands {
    std::function<void(protocol::NodeId)> kill;
    std::function<void(protocol::NodeId)> power_loss;
    std::function<void(protocol::NodeId)> restart;
  };

  struct Status {
    std::string id;
    int planned = 1;
    int fired = 0;  // what changes nothing, because its target means nobody then, has not fired
    Fires fires = Fires::always;
    protocol::Time first_fired{};
  };

  // Starts listening, and a director node of its own for delays. `world` outlives the engine; the engine outlives the world's nodes.
  FaultEngine(protocol::World& world, protocol::NodeId director);
  ~FaultEngine();

  void attach(Hands hands);
  // For the target "client:ID".
  void name_client(std::string client_id, protocol::NodeId node);
  // To be asked by every broker before it serves a request.
  RequestHook request_hook();

  // Adds faults; their triggers count from now on. The error is a line for the user: an unknown `after`, a target that does not exist.
  Result<void, std::string> arm(FaultPlan plan);
  // Disarms everything that has not fired, delays included.
  void disarm();

  // At once, by hand. The error names a target that means nobody.
  Result<void, std::string> perform(Verb verb, const Target& target);
  Result<void, std::string> perform_on_link(Verb verb, const Target& from, const Target& to, bool one_way);
  void heal_all();

  std::vector<protocol::NodeId> resolve(const Target& target) const;
  ClusterView view() const;
  std::vector<Status> status() const;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace acklab::broker
