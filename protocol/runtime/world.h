// A world is where nodes live: it starts, kills and reaches them. Experiments drive a world from outside; nodes never see it.
//
// Both worlds keep the same contract. In the simulator everything happens on the caller's thread, inside run_until(); over sockets
// each node has a thread, and calls that name a node take effect on that thread.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "protocol/result.h"
#include "protocol/runtime/journal.h"
#include "protocol/runtime/node.h"
#include "protocol/runtime/runtime.h"
#include "protocol/runtime/slowness.h"
#include "protocol/runtime/time.h"

namespace acklab::protocol {

// What lives on a node. Destroying it is how a node dies, so destructors must not talk to anyone.
class Process {
 public:
  virtual ~Process() = default;
};

enum class Direction { both, forward };  // forward: only what `from` sends to `to`

class World {
 public:
  using Boot = std::function<std::unique_ptr<Process>(Runtime&)>;

  virtual ~World() = default;

  // Finds an address at which this node can listen, for as long as the world lives: it survives the node's death. Port 0 takes any
  // free one. Fails with a line for the user when the port is occupied.
  virtual Result<Address, std::string> reserve(NodeId node, std::uint16_t port) = 0;

  // Gives the node life: `boot` runs on its turn and builds what lives there. The node must not be alive.
  virtual void start(NodeId node, Boot boot) = 0;
  virtual bool alive(NodeId node) const = 0;

  // Memory is gone. Bytes already handed to a connection still arrive, then end of stream.
  virtual void kill(NodeId node) = 0;
  // Like kill, but bytes not yet delivered vanish and peers hear nothing: silence, until they try again.
  virtual void power_off(NodeId node) = 0;

  // The node takes no turn until it is resumed, as a process that is stopped or collects garbage: its timers, what arrives and what is
  // posted waits, in order; its kernel lives on, so peers can connect and write until buffers are full. Nothing to a node that is dead
  // or in that state already. A paused node can be killed and lose power.
  //
  // In the middle of the node's own turn the rest of the turn still executes, as after a kill, but what it sends, closes or connects
  // leaves only when the node is resumed, and never if it dies before. What it notes or writes to its disk in that rest is done.
  virtual void pause(NodeId node) = 0;
  virtual void resume(NodeId node) = 0;

  // Faults of links between two nodes. Cut: streams stall and connects hang, until heal. Stall: what `from` sends waits, connects
  // still work. Reset: every connection between the two breaks at both ends.
  virtual void cut(NodeId from, NodeId to, Direction direction) = 0;
  virtual void stall(NodeId from, NodeId to, Direction direction) = 0;
  // Whatever `from` sends to `to` takes `slowness.latency` longer, and no more than `slowness.bytes_per_second` (0: no limit), until
  // heal.
  virtual void slow(NodeId from, NodeId to, Direction direction, Slowness slowness) = 0;
  virtual void heal(NodeId from, NodeId to, Direction direction) = 0;
  virtual void reset(NodeId from, NodeId to) = 0;

  // The node's wall clock leaps, forward or back, and goes on from there; its timers do not notice. A clock outlives deaths.
  virtual void jump_clock(NodeId node, Duration by) = 0;
  // Does something to what a node stands on, such as its disk, whether it lives or not: at once in the middle of the node's own turn,
  // else between two of them.
  virtual void on_machine(NodeId node, std::function<void()> action) = 0;

  // Runs `task` on the node's turn and returns when it has run: of a paused node after it was resumed. False if the node is dead, or
  // dies before.
  virtual bool ask(NodeId node, std::function<void()> task) = 0;
  // Runs `task` on the node's turn, some time; forgotten if the node dies first.
  virtual void post(NodeId node, std::function<void()> task) = 0;

  virtual Time now() const = 0;
  // Lets the world go on until `done` holds or the time has come; true if `done` held. `done` is called between turns (simulator)
  // or every few milliseconds (sockets).
  virtual bool run_until(const std::function<bool()>& done, Time limit) = 0;
  void run_for(Duration duration) {
    run_until([] { return false; }, now() + duration);
  }

  // The journal of all nodes (simulator), or all nodes' journals merged by time (sockets: ordered per node only).
  virtual const Journal& journal() = 0;
  // Listens to every entry as it happens, on the emitting node's turn: over sockets several threads call at once.
  virtual void subscribe(Journal::Listener listener) = 0;
};

}  // namespace acklab::protocol
