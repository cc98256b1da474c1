// What one node knows of the links between itself and its peers: may bytes leave, may they arrive? Both ends of a link know of a
// fault: the sender holds what it has not written, the receiver what the kernel already brought. Pure; owned by the node's thread.
#pragma once

#include <map>

#include "protocol/runtime/journal.h"
#include "protocol/runtime/node.h"

namespace acklab::protocol {

enum class LinkEnd { sender, receiver };

class AsioLinks {
 public:
  // Event::cut, stalled or healed happens to the link of which this node is the one end and `peer` the other. True if it changed
  // anything.
  bool happen(Event event, LinkEnd end, NodeId peer);

  void forget(NodeId peer) { paths_.erase(peer); }

  bool may_send(NodeId peer) const { return path(peer).out.flows(); }
  bool may_receive(NodeId peer) const { return path(peer).in.flows(); }
  // A connect needs both ways: somebody has to answer. A stalled link still lets connections come about.
  bool may_connect(NodeId peer) const { return !path(peer).out.cut && !path(peer).in.cut; }

 private:
  struct Lane {
    bool cut = false;
    bool stalled = false;
    bool flows() const { return !cut && !stalled; }
  };
  struct Path {
    Lane out;
    Lane in;
  };

  Path path(NodeId peer) const {
    const auto found = paths_.find(peer);
    return found == paths_.end() ? Path{} : found->second;
  }

  std::map<NodeId, Path> paths_;
};

}  // namespace acklab::protocol
