// A connection as its owner holds it.
#pragma once

#include <cstdint>
#include <memory>
#include <utility>

#include "protocol/check.h"
#include "protocol/runtime/sim_network_state.h"

namespace acklab::protocol {

// An owner's handle. It may outlive the pipe: then its generation has passed, and it does nothing.
class SimPipeEnd final : public Connection {
 public:
  // Of a dead node: leads nowhere.
  explicit SimPipeEnd(SimNetwork::State& network) : network_(network) {}
  SimPipeEnd(SimNetwork::State& network, const SimPipe& pipe, SimSide side)
      : network_(network),
        slot_(pipe.slot),
        generation_(pipe.generation),
        side_(side),
        id_(pipe.id),
        peer_(pipe.ends[other_side(side)].node->id) {}
  ~SimPipeEnd() override { close(); }
  SimPipeEnd(const SimPipeEnd&) = delete;
  SimPipeEnd& operator=(const SimPipeEnd&) = delete;

  void on(ConnectionEvents events) override {
    SimPipe* pipe = network_.find(slot_, generation_);
    if (!pipe || !pipe->ends[side_].noticed()) return;
    CHECK(!pipe->ends[side_].events);
    pipe->ends[side_].events = std::make_unique<ConnectionEvents>(std::move(events));
  }
  void send(Bytes bytes) override {
    if (SimPipe* pipe = open_pipe()) network_.send(*pipe, side_, bytes);
  }
  std::size_t unsent() const override {
    const SimPipe* pipe = open_pipe();
    return pipe ? pipe->flows[side_].stream.unsent() : 0;
  }
  void pause_reading() override {
    if (SimPipe* pipe = open_pipe()) pipe->ends[side_].paused = true;
  }
  void resume_reading() override {
    if (SimPipe* pipe = open_pipe()) network_.resume_reading(*pipe, side_);
  }
  void close() override {
    SimPipe* pipe = network_.find(slot_, generation_);
    if (pipe && pipe->ends[side_].noticed()) network_.close(*pipe, side_, network_.scheduler.free_at(*pipe->ends[side_].life));
  }
  std::uint64_t id() const override { return id_; }
  NodeId peer() const override { return peer_; }

 private:
  SimPipe* open_pipe() const {
    SimPipe* pipe = network_.find(slot_, generation_);
    return pipe && pipe->ends[side_].state == SimEnd::State::open ? pipe : nullptr;
  }

  SimNetwork::State& network_;
  std::uint32_t slot_ = 0;
  std::uint32_t generation_ = 0;
  SimSide side_ = 0;
  std::uint64_t id_ = 0;
  NodeId peer_;
};

}  // namespace acklab::protocol
