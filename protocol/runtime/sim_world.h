// The simulated world: virtual time, seeded randomness, a simulated network, all nodes on the caller's thread in one total order. A
// run is a pure function of the seed and of what the caller does between events: the same again gives the same journal, bit for bit.
//
// Nothing happens outside run_until(), step() and ask(): a thousand virtual seconds in which nothing is due take no time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "protocol/runtime/sim_network.h"
#include "protocol/runtime/traffic.h"
#include "protocol/runtime/world.h"

namespace acklab::protocol {

struct SimConfig {
  std::uint64_t seed = 1;
  NetworkConfig network;
  WallTime wall_start{1'704'067'200'000};  // the wall clock at the beginning: 2024-01-01 00:00 UTC
  std::size_t journal_capacity = Journal::default_capacity;
  Tap tap{};
};

// Outlives whatever its nodes were given: connections, timers, runtimes. References to a dead node's Runtime stay valid.
class SimWorld final : public World {
 public:
  explicit SimWorld(SimConfig config = {});
  ~SimWorld() override;

  Result<Address, std::string> reserve(NodeId node, std::uint16_t port) override;
  // Inside a turn the new node boots right after it, otherwise before this returns.
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

  // Not inside a turn. The world goes on while a paused node is asked, and if nothing is left to happen that could resume it, the
  // answer is false.
  bool ask(NodeId node, std::function<void()> task) override;
  void post(NodeId node, std::function<void()> task) override;

  Time now() const override;
  bool run_until(const std::function<bool()>& done, Time limit) override;
  const Journal& journal() override;
  void subscribe(Journal::Listener listener) override;

  // What only a simulation can do.

  // Lets the next event happen. False if nothing is left to happen.
  bool step();
  // How many events have happened.
  std::uint64_t events() const;
  // Called after every event, outside any turn: the place of invariants that look into all nodes at once.
  void at_end_of_event(std::function<void()> hook);
  // Extends the node's turn, as a slow disk call does: its own clock runs on, its next events wait, and what it sends in the rest of
  // the turn leaves when it is free; a kill before then discards that.
  void spend(NodeId node, Duration duration);
  void shape_link(NodeId from, NodeId to, LinkShape shape);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace acklab::protocol
