// What one node knows of the links between itself and its peers: may bytes leave, may they arrive, and how late? Both ends of a link
// know of a fault: the sender holds what it has not written, the receiver what the kernel already brought. Only the sender is slow;
// a stranger cannot be, so what it sends is received later instead. Pure; owned by the node's thread.
#pragma once

#include <cstddef>
#include <map>

#include "protocol/runtime/journal.h"
#include "protocol/runtime/node.h"
#include "protocol/runtime/slowness.h"
#include "protocol/runtime/time.h"

namespace acklab::protocol {

enum class LinkEnd { sender, receiver };

class AsioLinks {
 public:
  // Event::cut, stalled, slowed or healed happens to the link of which this node is the one end and `peer` the other. True if it
  // changed anything.
  bool happen(Event event, LinkEnd end, NodeId peer, Slowness slowness = {});
  void forget(NodeId peer) { paths_.erase(peer); }

  bool may_send(NodeId peer) const { return path(peer).out.flows(); }
  bool may_receive(NodeId peer) const { return path(peer).in.flows(); }
  // A connect needs both ways: somebody has to answer. A stalled link still lets connections come about.
  bool may_connect(NodeId peer) const { return !path(peer).out.cut && !path(peer).in.cut; }

  // When so many bytes, sent now, leave; and when what was read now from a stranger arrives. Time{}: at once.
  Time leaves(NodeId peer, std::size_t bytes, Time now);
  Time arrives(NodeId peer, std::size_t bytes, Time now);
  // So much later a connection comes about.
  Duration connect_delay(NodeId peer) const { return path(peer).out.slowness.latency + path(peer).in.slowness.latency; }

 private:
  struct Lane {
    bool cut = false;
    bool stalled = false;
    Slowness slowness;
    Time free_at{};  // when the last byte that was given to it has left, if it has a limited bandwidth

    bool flows() const { return !cut && !stalled; }
    Time passes(std::size_t bytes, Time now);
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
