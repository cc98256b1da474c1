// How what travelled is received, and how an end ends.
#include "protocol/runtime/sim_network_state.h"
#include "protocol/runtime/sim_pipe_end.h"

namespace acklab::protocol {

bool SimNetwork::State::on_deliver(const SimEvent& event) {
  SimPipe* pipe = pipes[event.subject / 2].get();
  const SimSide sender = event.subject % 2;
  if (!pipe) return false;
  SimFlow& flow = pipe->flows[sender];
  if (!flow.armed || flow.generation != event.generation) return false;

  flow.armed = false;
  if (flow.stream.held() || !pipe->ends[other_side(sender)].node->powered) {
    flow.held = true;
    return true;
  }
  Segment segment = flow.stream.arrive();
  arm(*pipe, sender);
  arrive(*pipe, other_side(sender), std::move(segment));
  return true;
}

void SimNetwork::State::arrive(SimPipe& pipe, SimSide side, Segment segment) {
  SimEnd& end = pipe.ends[side];
  if (segment.kind == SegmentKind::data) show(pipe, Traffic::Kind::bytes, other_side(side), segment.bytes);
  if (segment.kind == SegmentKind::end) show(pipe, Traffic::Kind::end, other_side(side));
  if (segment.kind == SegmentKind::refused) show(pipe, Traffic::Kind::refused, other_side(side));
  if (segment.kind == SegmentKind::opened) {
    pipe.flows[side].stream.open();
    pump(pipe, side);
  }
  if (end.state != SimEnd::State::open) {
    pipe.flows[other_side(side)].stream.consumed(segment.bytes.size());
    pump(pipe, other_side(side));
    const bool asks = segment.kind == SegmentKind::data || segment.kind == SegmentKind::opened;
    if (end.state == SimEnd::State::lost && asks && pipe.flows[side].stream.empty()) {
      queue(pipe, side, SegmentKind::reset, scheduler.now());
    }
    return;
  }
  if (segment.kind == SegmentKind::reset) {
    break_end(pipe, side);
    return;
  }
  if (end.inbox.empty() && end.takes(segment.kind) && scheduler.free(*end.life)) {
    hand_over(pipe, side, std::move(segment));
  } else {
    end.inbox.push(std::move(segment));
    wake(pipe, side);
  }
}

void SimNetwork::State::hand_over(SimPipe& pipe, SimSide side, Segment segment) {
  SimEnd& end = pipe.ends[side];
  pipe.flows[other_side(side)].stream.consumed(segment.bytes.size());
  pump(pipe, other_side(side));
  scheduler.turn(*end.life, [&] {
    switch (segment.kind) {
      case SegmentKind::opened:
        if (end.events && end.events->opened) end.events->opened();
        break;
      case SegmentKind::data:
        if (end.events && end.events->received) end.events->received(std::move(segment.bytes));
        break;
      case SegmentKind::end:
        finish(pipe, side, CloseReason::end_of_stream);
        break;
      case SegmentKind::refused:
        finish(pipe, side, CloseReason::refused);
        break;
      case SegmentKind::reset:
        break;  // never waits in an inbox
    }
  });
}

// Whatever waits in the inbox is handed over one piece at a time, each in a turn of its own, because any callback may pause again.
void SimNetwork::State::wake(SimPipe& pipe, SimSide side) {
  SimEnd& end = pipe.ends[side];
  if (end.woken || end.inbox.empty() || !end.takes(end.inbox.front().kind)) return;
  end.woken = true;
  scheduler.schedule(scheduler.now(), SimEventKind::readable, end.life->index, static_cast<std::uint32_t>(pipe.slot * 2 + side),
                     pipe.generation);
}

bool SimNetwork::State::on_readable(const SimEvent& event) {
  SimPipe* pipe = find(event.subject / 2, event.generation);
  const SimSide side = event.subject % 2;
  if (!pipe) return false;
  SimEnd& end = pipe->ends[side];
  end.woken = false;
  if (end.state != SimEnd::State::open || end.inbox.empty() || !end.takes(end.inbox.front().kind)) return false;

  Segment segment = end.inbox.pop();
  wake(*pipe, side);
  hand_over(*pipe, side, std::move(segment));
  return true;
}

bool SimNetwork::State::on_accept(const SimEvent& event) {
  SimPipe* pipe = find(event.subject, event.generation);
  if (!pipe || pipe->ends[1].state != SimEnd::State::open) return false;
  SimLife& life = *pipe->ends[1].life;
  const auto found = listening.find(pipe->address);
  if (found == listening.end() || found->second.life != &life) {
    close(*pipe, 1, scheduler.now());  // the listener went while its node was busy
    return true;
  }
  SimListening::Accepted& accepted = *found->second.accepted;
  scheduler.turn(life, [&] { accepted(std::make_unique<SimPipeEnd>(*this, *pipe, 1)); });
  return true;
}

bool SimNetwork::State::on_closed(const SimEvent& event) {
  SimPipe* pipe = find(event.subject / 2, event.generation);
  const SimSide side = event.subject % 2;
  if (!pipe || pipe->ends[side].state != SimEnd::State::broken) return false;
  scheduler.turn(*pipe->ends[side].life, [&] { finish(*pipe, side, CloseReason::reset); });
  return true;
}

void SimNetwork::State::drop_inbox(SimPipe& pipe, SimSide side) {
  SimEnd& end = pipe.ends[side];
  if (end.inbox.empty()) return;
  for (const Segment& segment : end.inbox) pipe.flows[other_side(side)].stream.consumed(segment.bytes.size());
  end.inbox.clear();
  pump(pipe, other_side(side));
}

// The owner hears no more of this end.
void SimNetwork::State::end_unknown(SimPipe& pipe, SimSide side, SimEnd::State state) {
  SimEnd& end = pipe.ends[side];
  end.state = state;
  if (end.events) discarded_events.push_back(std::move(end.events));
  drop_inbox(pipe, side);
}

void SimNetwork::State::break_end(SimPipe& pipe, SimSide side) {
  SimEnd& end = pipe.ends[side];
  clear(pipe, side);
  drop_inbox(pipe, side);
  if (end.state != SimEnd::State::open) return;
  end.state = SimEnd::State::broken;
  show(pipe, Traffic::Kind::reset, other_side(side));
  scheduler.schedule(scheduler.now(), SimEventKind::closed, end.life->index, static_cast<std::uint32_t>(pipe.slot * 2 + side),
                     pipe.generation);
}

void SimNetwork::State::finish(SimPipe& pipe, SimSide side, CloseReason reason) {
  const ConnectionEvents* events = pipe.ends[side].events.get();  // moved by the next call, not destroyed
  if (reason == CloseReason::end_of_stream) show(pipe, Traffic::Kind::end, side);
  end_unknown(pipe, side, SimEnd::State::gone);
  clear(pipe, side);
  doom_if_unnoticed(pipe);
  if (events && events->closed) events->closed(reason);
}

// A pipe is needed as long as an owner may still hear of it, or bytes of a sender that is gone look for their listener.
void SimNetwork::State::doom_if_unnoticed(SimPipe& pipe) {
  if (pipe.doomed || pipe.ends[0].noticed() || pipe.ends[1].noticed()) return;
  const bool opening = pipe.phase != SimPipe::Phase::answered;
  if (opening && pipe.ends[0].state == SimEnd::State::gone && pipe.flows[0].stream.unsent() > 0) return;
  pipe.doomed = true;
  doomed_slots.push_back(pipe.slot);
}

void SimNetwork::State::show(const SimPipe& pipe, Traffic::Kind kind, SimSide from, const Slice& bytes) const {
  if (!tap) return;
  tap({.kind = kind,
       .from = from == 0 ? Traffic::From::client : Traffic::From::server,
       .client = pipe.ends[0].node->id,
       .server = pipe.ends[1].node->id,
       .port = pipe.address.port,
       .connection = pipe.id,
       .at = scheduler.now().time_since_epoch(),
       .bytes = bytes.view()});
}

void SimNetwork::State::forget_listeners(const SimLife& life) {
  for (auto listener = listening.begin(); listener != listening.end();) {
    if (listener->second.life != &life) {
      ++listener;
      continue;
    }
    discarded_listeners.push_back(std::move(listener->second.accepted));
    listener = listening.erase(listener);
  }
}

}  // namespace acklab::protocol
