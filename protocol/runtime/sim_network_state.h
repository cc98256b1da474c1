// What the parts of the simulated network share: sim_network.cpp is what worlds and nodes ask of it, sim_transit.cpp how connections come
// about and what is sent travels, sim_arrival.cpp what happens at the other end.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "protocol/runtime/sim_network.h"
#include "protocol/runtime/sim_pipe.h"

namespace acklab::protocol {

struct SimListening {
  using Accepted = std::function<void(std::unique_ptr<Connection>)>;

  SimLife* life = nullptr;
  std::uint64_t number = 0;  // so that an old handle does not end a new listener
  std::unique_ptr<Accepted> accepted;
};

struct SimNetwork::State {
  State(SimScheduler& the_scheduler, NetworkConfig the_config, std::uint64_t the_seed, Tap the_tap)
      : scheduler(the_scheduler), config(the_config), seed(the_seed), tap(std::move(the_tap)) {}

  SimLink& link(NodeId from, NodeId to);
  SimPipe& make_pipe(SimLife& from, const Address& to);
  SimPipe* find(std::uint32_t slot, std::uint32_t generation);

  // What an owner does.
  void send(SimPipe& pipe, SimSide side, const Bytes& bytes);
  void close(SimPipe& pipe, SimSide side, Time when);
  void resume_reading(SimPipe& pipe, SimSide side);

  // How a connection comes about.
  void knock(SimPipe& pipe, Time when);
  void answer(SimPipe& pipe);

  // How segments travel.
  void queue(SimPipe& pipe, SimSide side, SegmentKind kind, Time when);
  void pump(SimPipe& pipe, SimSide side);
  void arm(SimPipe& pipe, SimSide side);
  void release(SimPipe& pipe, SimSide side);
  void resend(SimPipe& pipe, SimSide side);
  void clear(SimPipe& pipe, SimSide side);

  // How they are received.
  void arrive(SimPipe& pipe, SimSide side, Segment segment);
  void hand_over(SimPipe& pipe, SimSide side, Segment segment);
  void wake(SimPipe& pipe, SimSide side);
  void drop_inbox(SimPipe& pipe, SimSide side);
  void show(const SimPipe& pipe, Traffic::Kind kind, SimSide from, const Slice& bytes = {}) const;

  // How an end ends.
  void end_unknown(SimPipe& pipe, SimSide side, SimEnd::State state);
  void break_end(SimPipe& pipe, SimSide side);
  void finish(SimPipe& pipe, SimSide side, CloseReason reason);
  void doom_if_unnoticed(SimPipe& pipe);
  void forget_listeners(const SimLife& life);

  bool on_deliver(const SimEvent& event);
  bool on_accept(const SimEvent& event);
  bool on_readable(const SimEvent& event);
  bool on_closed(const SimEvent& event);

  template <class Body>
  void for_each_pipe(Body body) {
    for (const std::unique_ptr<SimPipe>& pipe : pipes) {
      if (pipe && !pipe->doomed) body(*pipe);
    }
  }

  SimScheduler& scheduler;
  const NetworkConfig config;
  const std::uint64_t seed;
  const Tap tap;
  std::map<std::pair<NodeId, NodeId>, SimLink> links;
  std::map<Address, SimNode*> reserved;
  std::map<std::string, SimNode*, std::less<>> hosts;
  std::map<Address, SimListening> listening;
  std::vector<std::unique_ptr<SimPipe>> pipes;  // by slot
  std::vector<std::uint32_t> free_slots;
  std::vector<std::uint32_t> doomed_slots;
  std::uint32_t next_generation = 1;  // of pipes and armed flows; 0 names nothing
  std::uint64_t next_connection = 1;
  std::uint64_t next_listener = 1;

  // A callback may end what it belongs to, so it is destroyed only after the turn in which it runs.
  std::vector<std::unique_ptr<ConnectionEvents>> discarded_events;
  std::vector<std::unique_ptr<SimListening::Accepted>> discarded_listeners;
};

}  // namespace acklab::protocol
