#include "protocol/runtime/sim_network.h"

#include <utility>

#include "protocol/check.h"
#include "protocol/runtime/sim_network_state.h"
#include "protocol/runtime/sim_pipe_end.h"

namespace acklab::protocol {
namespace {

std::string host_of(NodeId node) {
  std::string host = to_string(node);
  for (char& c : host) {
    if (c == ' ') c = '-';
  }
  return host;
}

class ListenerHandle final : public Listener {
 public:
  ListenerHandle(SimNetwork::State& network, Address address, std::uint64_t number)
      : network_(network), address_(std::move(address)), number_(number) {}
  ~ListenerHandle() override {
    const auto found = network_.listening.find(address_);
    if (found == network_.listening.end() || found->second.number != number_) return;
    network_.discarded_listeners.push_back(std::move(found->second.accepted));
    network_.listening.erase(found);
  }
  ListenerHandle(const ListenerHandle&) = delete;
  ListenerHandle& operator=(const ListenerHandle&) = delete;

 private:
  SimNetwork::State& network_;
  Address address_;
  std::uint64_t number_;  // 0, of a dead node, names no listener
};

}  // namespace

SimNetwork::SimNetwork(SimScheduler& scheduler, NetworkConfig config, std::uint64_t seed, Tap tap)
    : state_(std::make_unique<State>(scheduler, config, seed, std::move(tap))) {
  CHECK(config.receive_window > 0);
}

SimNetwork::~SimNetwork() = default;

std::unique_ptr<Connection> SimNetwork::connect(SimLife& from, const Address& to) {
  if (from.dead) return std::make_unique<SimPipeEnd>(*state_);
  SimPipe& pipe = state_->make_pipe(from, to);
  state_->knock(pipe, state_->scheduler.free_at(from));
  return std::make_unique<SimPipeEnd>(*state_, pipe, 0);
}

std::unique_ptr<Listener> SimNetwork::listen(SimLife& life, const Address& address, SimListening::Accepted accepted) {
  if (life.dead) return std::make_unique<ListenerHandle>(*state_, address, 0);
  const auto owner = state_->reserved.find(address);
  CHECK(owner != state_->reserved.end() && owner->second == life.node);
  CHECK(!state_->listening.contains(address));
  const std::uint64_t number = state_->next_listener++;
  state_->listening.emplace(address, SimListening{&life, number, std::make_unique<SimListening::Accepted>(std::move(accepted))});
  return std::make_unique<ListenerHandle>(*state_, address, number);
}

Result<Address, std::string> SimNetwork::reserve(SimNode& node, std::uint16_t port) {
  constexpr std::uint16_t first_free_port = 20000;
  Address address{host_of(node.id), port};
  if (port == 0) {
    address.port = first_free_port;
    while (state_->reserved.contains(address)) ++address.port;
  }
  if (!state_->reserved.emplace(address, &node).second) return failure("port " + to_string(address) + " is in use");
  state_->hosts[address.host] = &node;
  return address;
}

bool SimNetwork::cut(NodeId from, NodeId to) { return !std::exchange(state_->link(from, to).cut, true); }

bool SimNetwork::stall(NodeId from, NodeId to) { return !std::exchange(state_->link(from, to).stalled, true); }

bool SimNetwork::slow(NodeId from, NodeId to, Slowness slowness) {
  return std::exchange(state_->link(from, to).slowness, slowness) != slowness;
}

bool SimNetwork::heal(NodeId from, NodeId to) {
  SimLink& link = state_->link(from, to);
  const bool was_slow = std::exchange(link.slowness, {}) != Slowness{};
  if (!link.cut && !link.stalled && !was_slow) return false;
  link.cut = false;
  link.stalled = false;
  if (was_slow) link.free_at = state_->scheduler.now();
  state_->for_each_pipe([&](SimPipe& pipe) {
    const bool concerned[] = {&pipe.flows[0].stream.link() == &link, &pipe.flows[1].stream.link() == &link};
    for (const SimSide side : {SimSide{0}, SimSide{1}}) {
      if (!concerned[side]) continue;
      // A slow link may have taken bytes that would arrive in hours.
      was_slow ? state_->resend(pipe, side) : state_->release(pipe, side);
    }
    const bool attempts = pipe.phase == SimPipe::Phase::hanging || (was_slow && pipe.phase == SimPipe::Phase::knocking);
    if (attempts && (concerned[0] || concerned[1])) state_->knock(pipe, state_->scheduler.now());
  });
  return true;
}

void SimNetwork::reset(NodeId from, NodeId to) {
  state_->for_each_pipe([&](SimPipe& pipe) {
    const NodeId a = pipe.ends[0].node->id;
    const NodeId b = pipe.ends[1].node->id;
    if (!(a == from && b == to) && !(a == to && b == from)) return;
    pipe.phase = SimPipe::Phase::answered;
    state_->break_end(pipe, 0);
    state_->break_end(pipe, 1);
    state_->doom_if_unnoticed(pipe);
  });
}

void SimNetwork::shape(NodeId from, NodeId to, LinkShape shape) { state_->link(from, to).shape = shape; }

void SimNetwork::resumed(SimLife& life) {
  const Time when = state_->scheduler.free_at(life);
  state_->for_each_pipe([&](SimPipe& pipe) {
    for (const SimSide side : {SimSide{0}, SimSide{1}}) {
      if (pipe.ends[side].life != &life) continue;
      pipe.flows[side].stream.sender_resumed(when);
      state_->arm(pipe, side);
    }
    if (pipe.phase == SimPipe::Phase::unsent && pipe.ends[0].life == &life) state_->knock(pipe, when);
  });
}

void SimNetwork::killed(SimLife& life) {
  const Time now = state_->scheduler.now();
  state_->forget_listeners(life);
  state_->for_each_pipe([&](SimPipe& pipe) {
    for (const SimSide side : {SimSide{0}, SimSide{1}}) {
      SimEnd& end = pipe.ends[side];
      if (end.life != &life) continue;
      // What the node would have sent at the end of a long turn was never sent; if it would have closed, it dies instead.
      SimFlow& flow = pipe.flows[side];
      const bool end_withdrawn = flow.stream.withdraw_after(now);
      if (!flow.stream.any_in_flight()) flow.armed = flow.held = false;
      if (end_withdrawn) state_->queue(pipe, side, SegmentKind::end, now);
      if (end.noticed()) state_->close(pipe, side, now);
      state_->doom_if_unnoticed(pipe);
    }
  });
}

void SimNetwork::power_lost(SimLife& life) {
  state_->forget_listeners(life);
  state_->for_each_pipe([&](SimPipe& pipe) {
    for (const SimSide side : {SimSide{0}, SimSide{1}}) {
      SimEnd& end = pipe.ends[side];
      if (end.node != life.node) continue;
      state_->clear(pipe, side);
      if (end.state != SimEnd::State::absent) state_->end_unknown(pipe, side, SimEnd::State::lost);
      // A peer that has not heard the answer goes on knocking.
      const bool unheard = side == 1 && pipe.phase == SimPipe::Phase::answered && !pipe.flows[0].stream.is_open();
      if (unheard && pipe.ends[0].noticed()) {
        end = SimEnd{};
        end.node = life.node;
        pipe.phase = SimPipe::Phase::hanging;
      }
    }
    state_->doom_if_unnoticed(pipe);
  });
}

void SimNetwork::powered_on(SimNode& node) {
  state_->for_each_pipe([&](SimPipe& pipe) {
    for (const SimSide side : {SimSide{0}, SimSide{1}}) {
      if (pipe.ends[other_side(side)].node == &node) state_->release(pipe, side);
    }
    if (pipe.phase == SimPipe::Phase::hanging && pipe.ends[1].node == &node) state_->knock(pipe, state_->scheduler.now());
  });
}

bool SimNetwork::happen(const SimEvent& event) {
  switch (event.kind) {
    case SimEventKind::deliver:
      return state_->on_deliver(event);
    case SimEventKind::readable:
      return state_->on_readable(event);
    case SimEventKind::accept:
      return state_->on_accept(event);
    case SimEventKind::closed:
      return state_->on_closed(event);
    case SimEventKind::connect: {
      SimPipe* pipe = state_->find(event.subject, event.generation);
      if (!pipe || pipe->phase != SimPipe::Phase::knocking) return false;
      state_->answer(*pipe);
      return true;
    }
    case SimEventKind::task:
    case SimEventKind::resume:
      break;
  }
  CHECK(false);
  return false;
}

void SimNetwork::sweep() {
  // What is destroyed may own connections and listeners, which end with it: hence until nothing is left.
  while (!state_->discarded_events.empty() || !state_->discarded_listeners.empty() || !state_->doomed_slots.empty()) {
    const auto events = std::exchange(state_->discarded_events, {});
    const auto listeners = std::exchange(state_->discarded_listeners, {});
    for (const std::uint32_t slot : std::exchange(state_->doomed_slots, {})) {
      const std::unique_ptr<SimPipe> pipe = std::move(state_->pipes[slot]);
      state_->free_slots.push_back(slot);
    }
  }
}

}  // namespace acklab::protocol
