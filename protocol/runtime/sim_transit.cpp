// How connections come about, and how what is sent travels.
#include "protocol/runtime/sim_network_state.h"

namespace acklab::protocol {

SimLink& SimNetwork::State::link(NodeId from, NodeId to) {
  const auto found = links.find({from, to});
  if (found != links.end()) return found->second;
  const std::int64_t key = (std::int64_t{from.value} << 32) | to.value;
  const LinkShape& shape = from == to ? config.loopback : config.link;
  return links.emplace(std::pair(from, to), SimLink{shape, Random::stream(seed, "link", key)}).first->second;
}

SimPipe& SimNetwork::State::make_pipe(SimLife& from, const Address& to) {
  const auto host = hosts.find(to.host);
  SimNode* target = host != hosts.end() ? host->second : from.node;  // an unknown host is refused at home
  const NodeId here = from.node->id;
  SimLink& there = link(here, target->id);
  SimLink& back = link(target->id, here);

  if (free_slots.empty()) {
    free_slots.push_back(static_cast<std::uint32_t>(pipes.size()));
    pipes.emplace_back();
  }
  const std::uint32_t slot = free_slots.back();
  free_slots.pop_back();
  pipes[slot] = std::make_unique<SimPipe>(
      SimPipe{.slot = slot,
              .generation = next_generation++,
              .id = next_connection++,
              .address = to,
              .ends = {},
              .flows = {SimFlow{SimStream(there, config.receive_window)}, SimFlow{SimStream(back, config.receive_window)}}});
  SimPipe& pipe = *pipes[slot];
  pipe.ends[0].node = from.node;
  pipe.ends[0].life = &from;
  pipe.ends[0].state = SimEnd::State::open;
  pipe.ends[1].node = target;
  pipe.flows[1].stream.open();
  return pipe;
}

SimPipe* SimNetwork::State::find(std::uint32_t slot, std::uint32_t generation) {
  if (generation == 0) return nullptr;
  SimPipe* pipe = pipes[slot].get();
  return pipe && pipe->generation == generation ? pipe : nullptr;
}

void SimNetwork::State::send(SimPipe& pipe, SimSide side, const Bytes& bytes) {
  if (bytes.empty()) return;
  // Sender and receiver must never share a buffer: one of them may die, or be a mutant that writes into it.
  const Time when = scheduler.free_at(*pipe.ends[side].life);
  pipe.flows[side].stream.queue({SegmentKind::data, bytes.copy(), when, {}});
  pump(pipe, side);
}

void SimNetwork::State::close(SimPipe& pipe, SimSide side, Time when) {
  SimEnd& end = pipe.ends[side];
  const bool was_open = end.state == SimEnd::State::open;
  end_unknown(pipe, side, SimEnd::State::gone);
  if (was_open) queue(pipe, side, SegmentKind::end, when);
  doom_if_unnoticed(pipe);
  // Nobody is left at whom an end of the stream could arrive.
  if (!pipe.doomed || !was_open) return;
  if (pipe.ends[other_side(side)].state == SimEnd::State::gone) show(pipe, Traffic::Kind::end, other_side(side));
  show(pipe, Traffic::Kind::end, side);
}

void SimNetwork::State::resume_reading(SimPipe& pipe, SimSide side) {
  pipe.ends[side].paused = false;
  wake(pipe, side);
}

// The attempt leaves at `when` and arrives one latency later.
void SimNetwork::State::knock(SimPipe& pipe, Time when) {
  if (when == SimScheduler::never) {
    pipe.phase = SimPipe::Phase::unsent;
    return;
  }
  pipe.phase = SimPipe::Phase::knocking;
  SimLink& there = link(pipe.ends[0].node->id, pipe.ends[1].node->id);
  const Duration latency = there.draw_latency();
  scheduler.schedule(when + latency, SimEventKind::connect, SimScheduler::nobody, pipe.slot, pipe.generation);
}

// The attempt has arrived at the other machine.
void SimNetwork::State::answer(SimPipe& pipe) {
  const SimNode& target = *pipe.ends[1].node;
  if (pipe.flows[0].stream.link().cut || pipe.flows[1].stream.link().cut || !target.powered) {
    pipe.phase = SimPipe::Phase::hanging;
    return;
  }
  pipe.phase = SimPipe::Phase::answered;
  const auto found = listening.find(pipe.address);
  if (found == listening.end()) {
    queue(pipe, 1, SegmentKind::refused, scheduler.now());
    doom_if_unnoticed(pipe);
    return;
  }
  pipe.ends[1].life = found->second.life;
  pipe.ends[1].state = SimEnd::State::open;
  show(pipe, Traffic::Kind::opened, 0);
  queue(pipe, 1, SegmentKind::opened, scheduler.now());
  scheduler.schedule(scheduler.now(), SimEventKind::accept, found->second.life->index, pipe.slot, pipe.generation);
}

void SimNetwork::State::queue(SimPipe& pipe, SimSide side, SegmentKind kind, Time when) {
  pipe.flows[side].stream.queue({kind, {}, when, {}});
  pump(pipe, side);
}

void SimNetwork::State::pump(SimPipe& pipe, SimSide side) {
  pipe.flows[side].stream.pump(scheduler.now());
  arm(pipe, side);
}

void SimNetwork::State::arm(SimPipe& pipe, SimSide side) {
  SimFlow& flow = pipe.flows[side];
  if (flow.armed || flow.held || !flow.stream.any_in_flight()) return;
  flow.armed = true;
  flow.generation = next_generation++;
  scheduler.schedule(flow.stream.next_arrival(), SimEventKind::deliver, SimScheduler::nobody,
                     static_cast<std::uint32_t>(pipe.slot * 2 + side), flow.generation);
}

void SimNetwork::State::release(SimPipe& pipe, SimSide side) {
  if (pipe.flows[side].held) resend(pipe, side);
}

void SimNetwork::State::resend(SimPipe& pipe, SimSide side) {
  SimFlow& flow = pipe.flows[side];
  flow.held = false;
  flow.armed = false;
  flow.stream.resend(scheduler.now());
  arm(pipe, side);
}

void SimNetwork::State::clear(SimPipe& pipe, SimSide side) {
  SimFlow& flow = pipe.flows[side];
  flow.stream.clear();
  flow.armed = false;
  flow.held = false;
}

}  // namespace acklab::protocol
