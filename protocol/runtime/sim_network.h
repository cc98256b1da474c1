// The simulated network: ordered byte streams between nodes, and the faults of the links that carry them.
//
// The contract, which is what a healthy cluster must survive:
//
//   stream      Bytes arrive whole, once and in order, each piece after a latency drawn for it. A new connection draws its own and
//               may overtake an old one's bytes. Buffers are finite: a receiver that does not read makes the sender's unsent() grow.
//   connect     Opens after one round trip. Without a listener it is refused; a machine without power, or a cut link in either
//               direction, leaves it hanging until that is over.
//   cut         The link carries nothing from one node to the other (one way, or both): streams stall, connects hang, what is in
//               flight waits. A side that closes meanwhile leaves the other half-open; what it had sent, and the end of the stream,
//               arrive after the heal, perhaps later than all that a new connection brought.
//   stall       As a cut, but connections still come about: what the node sends waits.
//   slow        Everything takes longer, and no more than so many bytes a second; what is in flight already is not concerned.
//   heal        What waited, or was slowed, travels again, in the order of each stream, with new latencies.
//   reset       Every connection between two nodes breaks, whatever the state of the link: both ends learn at once, and bytes in
//               flight or not yet read are gone.
//   kill        What was handed to a connection still arrives, then the end of the stream. A node that is busy (a slow disk call
//               extends its turn) has not yet handed over what it will send when it is free: a kill before then discards that.
//   pause       The machine goes on without its process: connections come about and bytes arrive until the buffers are full. What was
//               handed to a connection before goes on travelling; what a paused node sends in the rest of its turn leaves when it is
//               resumed.
//   power off   What the machine sent and nobody received vanishes, and its peers hear nothing. When the machine is back, it answers
//               bytes of old connections with a reset; a peer that keeps silent never learns.
//
// Left out: back-pressure and acknowledgements cross a link without delay and pass a cut (a real sender's unsent() would grow during
// a one-way cut of its acknowledgements); a half-closed stream; loss and retransmission below the stream.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "protocol/result.h"
#include "protocol/runtime/runtime.h"
#include "protocol/runtime/sim_scheduler.h"
#include "protocol/runtime/sim_stream.h"
#include "protocol/runtime/traffic.h"

namespace acklab::protocol {

struct NetworkConfig {
  LinkShape link;  // between two nodes
  LinkShape loopback{.latency = std::chrono::microseconds(20), .jitter = Duration::zero(), .bytes_per_second = 0};
  std::size_t receive_window = std::size_t{1}
                               << 20;  // bytes of one stream that the network takes before the receiver consumed them
};

class SimNetwork {
 public:
  // The scheduler outlives the network, and the network the connections and listeners that it gave out. The tap is told the time since
  // the world began.
  SimNetwork(SimScheduler& scheduler, NetworkConfig config, std::uint64_t seed, Tap tap = {});
  ~SimNetwork();

  // For the nodes.
  std::unique_ptr<Connection> connect(SimLife& from, const Address& to);
  std::unique_ptr<Listener> listen(SimLife& life, const Address& address,
                                   std::function<void(std::unique_ptr<Connection>)> accepted);

  // For the world. Link faults concern one direction; all but reset are true if they changed anything.
  Result<Address, std::string> reserve(SimNode& node, std::uint16_t port);
  bool cut(NodeId from, NodeId to);
  bool stall(NodeId from, NodeId to);
  bool slow(NodeId from, NodeId to, Slowness slowness);
  bool heal(NodeId from, NodeId to);
  void reset(NodeId from, NodeId to);
  void shape(NodeId from, NodeId to, LinkShape shape);
  void resumed(SimLife& life);
  void killed(SimLife& life);
  void power_lost(SimLife& life);
  void powered_on(SimNode& node);

  // An event of one of the network's kinds. False if it was void: what it was about is gone.
  bool happen(const SimEvent& event);
  // Destroys the callbacks and connections that nobody needs any more. Not inside a turn, whose own callback may be among them.
  void sweep();

  struct State;  // sim_network_state.h

 private:
  std::unique_ptr<State> state_;
};

}  // namespace acklab::protocol
