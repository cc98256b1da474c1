// The real world: every node has a thread, of its own or shared, and speaks TCP over the machine's sockets. Strangers may connect, too.
//
// Threads. What a node owns is touched in its turns only; no lock is visible to it. Calls of World that name a node take effect in
// a turn of that node. Made by an outsider (a test, the program), they return when they have; made in a node's turn (by a listener
// of the journal) they take effect at once if they concern that very node, and are posted to every other one: nodes never wait for
// each other, so they cannot lock each other up. Nodes that share a thread cost fewer switches, and each waits for the other's turns.
//
// Links. Two nodes of this world are connected by real sockets, but what a node writes to a peer first passes through a link that can
// be cut, stalled or slow, and so does what it reads. Bytes that wait, wait in this process, not in the kernel. A stranger's
// connection passes through a link, too, of which this world has one end: what a cut or stalled stranger sends waits in the kernel,
// and what a slow one sends is read and waits here.
//
//   node A                                                          node B
//   send() -> queue -> [A's end of the link] -> kernel -> [B's end of the link] -> received()
//
// A pause stops the life and not the thread: its turns are set aside, and it neither reads nor accepts, while the world can still cut,
// kill and resume it.
//
// Limits of the real: a node without power is silent towards its old connections, but refuses a stranger's new ones (those of
// this world's nodes hang); what the kernel has taken leaves, whatever happens to the node that wrote it.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "protocol/runtime/traffic.h"
#include "protocol/runtime/world.h"

namespace acklab::protocol {

struct AsioConfig {
  std::uint64_t seed = 1;
  std::string host = "127.0.0.1";  // the address to listen at: IPv4 or IPv6, not a name
  // Entries of the journal that a node keeps until somebody reads them; then the oldest is dropped and counted.
  std::size_t unread_entries = std::size_t{1} << 18;
  Tap tap{};
  // The first so many nodes have a thread each; those that come into being later share these.
  int threads = 64;
};

class AsioWorld final : public World {
 public:
  explicit AsioWorld(AsioConfig config = {});
  ~AsioWorld() override;  // kills every node and ends the threads; called by an outsider

  Result<Address, std::string> reserve(NodeId node, std::uint16_t port) override;

  void start(NodeId node, Boot boot) override;
  bool alive(NodeId node) const override;
  void kill(NodeId node) override;
  void power_off(NodeId node) override;

  void pause(NodeId node) override;
  void resume(NodeId node) override;

  void cut(NodeId from, NodeId to, Direction direction) override;
  void stall(NodeId from, NodeId to, Direction direction) override;
  void slow(NodeId from, NodeId to, Direction direction, Slowness slowness) override;
  void heal(NodeId from, NodeId to, Direction direction) override;
  void reset(NodeId from, NodeId to) override;

  void jump_clock(NodeId node, Duration by) override;
  void on_machine(NodeId node, std::function<void()> action) override;

  // Not for one node to ask another: it would have to wait for it.
  bool ask(NodeId node, std::function<void()> task) override;
  void post(NodeId node, std::function<void()> task) override;

  Time now() const override;
  bool run_until(const std::function<bool()>& done, Time limit) override;

  // Brought up to date by each call. For one outsider at a time: the next call changes what this one returned.
  const Journal& journal() override;
  // Hears what is noted from now on.
  void subscribe(Journal::Listener listener) override;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace acklab::protocol
