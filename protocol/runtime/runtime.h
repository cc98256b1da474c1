// All that a node may know of the world outside it: the time, timers, randomness, connections and the journal. There is a real
// world (asio_world.h) and a simulated one (sim_world.h); broker, controller and producer cannot tell which one they live in.
//
// A node is single-threaded. Every callback below runs on the node's own turn, one at a time, never from inside the call that
// registered it. Each returned object (timer, connection, listener) ends what it stands for when it is destroyed, and may be
// destroyed from inside its own callback.
//
// When a node is killed in the middle of a turn, the rest of that turn still executes, but no call on its Runtime or Disk has an
// effect any more; the objects are destroyed after the turn.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>

#include "protocol/runtime/journal.h"
#include "protocol/runtime/node.h"
#include "protocol/runtime/random.h"
#include "protocol/runtime/time.h"
#include "protocol/wire/slice.h"

namespace acklab::protocol {

// Cancels its task when destroyed, so a timer can never outlive the object it would call.
class Timer {
 public:
  virtual ~Timer() = default;
};

enum class CloseReason {
  end_of_stream,  // the peer closed, or died after its bytes had left
  reset,          // the connection broke; bytes in flight may be gone
  refused,        // connect() found no listener
};

// The journal of what happened to a connection is for its owner: bytes arrive in order and whole, or `closed` says why no more do.
struct ConnectionEvents {
  std::function<void()> opened;             // only for connections made with connect()
  std::function<void(Slice)> received;      // some bytes; boundaries mean nothing
  std::function<void(CloseReason)> closed;  // at most once, and never after the owner's close()
};

// An ordered byte stream. Bytes are never lost, duplicated or reordered inside a live connection; a new connection may overtake
// an old one's bytes.
class Connection {
 public:
  virtual ~Connection() = default;  // closes

  // Set once, before the turn that created the connection ends.
  virtual void on(ConnectionEvents events) = 0;
  // Queues bytes; legal before `opened`. Never blocks: the sender watches unsent() and holds back.
  virtual void send(Bytes bytes) = 0;
  // Bytes queued here that the network has not taken yet.
  virtual std::size_t unsent() const = 0;
  // While reading is paused no `received` comes, and the peer eventually feels it (back-pressure).
  virtual void pause_reading() = 0;
  virtual void resume_reading() = 0;
  // What was sent before still leaves; nothing is reported afterwards.
  virtual void close() = 0;
  // The same number at both ends, unique within a world at any time: a key for causes in the journal.
  virtual std::uint64_t id() const = 0;
  // Who is at the other end: a node of this world, or a stranger with a number that no other connection has.
  virtual NodeId peer() const = 0;
};

class Listener {
 public:
  virtual ~Listener() = default;  // stops accepting; accepted connections live on
};

class Runtime {
 public:
  virtual ~Runtime() = default;

  virtual NodeId node() const = 0;
  virtual Time now() const = 0;
  virtual WallTime wall_now() const = 0;

  // An independent stream for one purpose of this node. Take it once and keep it.
  virtual Random random(std::string_view purpose) = 0;

  // Runs `task` once, `delay` from now (at once, but not inside this call, if the delay is zero or negative).
  [[nodiscard]] virtual std::unique_ptr<Timer> after(Duration delay, std::function<void()> task) = 0;

  // Opens a connection; `opened` or `closed(refused)` follows, or neither for as long as the network is cut.
  [[nodiscard]] virtual std::unique_ptr<Connection> connect(const Address& address) = 0;

  // Accepts connections at an address that the world reserved for this node (see World::reserve).
  [[nodiscard]] virtual std::unique_ptr<Listener> listen(const Address& address,
                                                         std::function<void(std::unique_ptr<Connection>)> accepted) = 0;

  // Writes one entry into this node's journal, stamped with node and time. A fault that waits for it happens before this returns.
  virtual void note(const Entry& entry) = 0;
  // The number that stands for a topic's name in journal entries of this node.
  virtual TopicNumber topic_number(std::string_view topic) = 0;
};

}  // namespace acklab::protocol
