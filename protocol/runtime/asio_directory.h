// Who is who among the ports of a world: which node listens where, and which node a connection comes from. A connecting socket is
// bound, and entered here, before it connects, so that the accepting node always finds it. Safe on any thread.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <set>

#include "protocol/runtime/node.h"

namespace acklab::protocol {

class AsioDirectory {
 public:
  void listens(std::uint16_t port, NodeId node);
  // Unknown if no node of this world has that port.
  NodeId listener_at(std::uint16_t port) const;

  void connects(std::uint16_t port, NodeId node);
  void hung_up(std::uint16_t port);
  NodeId connector_at(std::uint16_t port) const;

  // A machine without power does not even refuse: connects to it hang.
  void power_lost(NodeId node);
  void power_back(NodeId node);
  bool has_power(NodeId node) const;

 private:
  mutable std::mutex mutex_;
  std::map<std::uint16_t, NodeId> listeners_;
  std::map<std::uint16_t, NodeId> connectors_;
  std::set<NodeId> without_power_;
};

}  // namespace acklab::protocol
