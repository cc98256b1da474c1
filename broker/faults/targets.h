// From the name of a target to the nodes that it means now. Pure: a fold over the journal (ClusterView) and over the clients that have
// made themselves known.
#pragma once

#include <cstddef>
#include <deque>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "broker/faults/cluster_view.h"
#include "broker/faults/fault.h"
#include "protocol/runtime/node.h"

namespace acklab::broker {

class Targets {
 public:
  // Limits on what strangers can make us remember: beyond them the oldest connection, or a new client.id, is not remembered.
  static constexpr std::size_t max_client_ids = 1000;
  static constexpr std::size_t max_connections_per_client = 64;

  void observe(const protocol::Entry& entry, std::string_view topic) { view_.observe(entry, topic); }
  // A client of this world, or one connection of a stranger's. True if it was not known.
  bool name_client(std::string_view client_id, protocol::NodeId node);

  const ClusterView& view() const { return view_; }

  std::vector<protocol::NodeId> resolve(const Target& target) const;
  // Pairs of different nodes.
  struct Link {
    protocol::NodeId from, to;
    friend auto operator<=>(const Link&, const Link&) = default;
  };
  std::vector<Link> resolve(const LinkTarget& link) const;
  bool means(const Target& target, protocol::NodeId node) const;

  // Whether a fault of nodes, partitions or links would change anything now. One that means nobody, kills the dead or restarts the living
  // would not.
  bool strikes(const Fault& fault) const;
  // Whether a trigger's `at` means whoever noted this entry, and its partition.
  bool emitted_by(const Target& at, const protocol::Entry& entry, std::string_view topic) const;

 private:
  bool strikes(Verb verb, protocol::NodeId node) const;

  ClusterView view_;
  std::map<std::string, std::deque<protocol::NodeId>, std::less<>> clients_;
};

}  // namespace acklab::broker
