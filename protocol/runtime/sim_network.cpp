#include "protocol/runtime/sim_network.h"

#include <array>
#include <map>
#include <utility>
#include <vector>

namespace acklab::protocol {
namespace {

using Accepted = std::function<void(std::unique_ptr<Connection>)>;

// Which end of a connection: 0 connects, 1 accepts.
using Side = std::size_t;
constexpr Side other(Side side) { return 1 - side; }

// What one node holds of a connection. What arrives while the node cannot take it waits in `inbox`.
struct End {
  enum class State {
    absent,  // the listener's end, before the attempt to connect arrived
    open,
    broken,  // reset; the owner is about to learn
    gone,    // the owner closed it, died, or learned that it ended
    lost,    // its machine lost power: the machine itself knows nothing of it any more
  };

  SimNode* node = nullptr;
  SimLife* life = nullptr;
  State state = State::absent;
  bool paused = false;
  bool woken = false;  // a readable event is scheduled
  Fifo<Segment> inbox;
  std::unique_ptr<ConnectionEvents> events;

  bool noticed() const { return state == State::open || state == State::broken; }
  bool takes(SegmentKind kind) const { return !paused || (kind != SegmentKind::data && kind != SegmentKind::end); }
};

// A stream and the event at which its next segment arrives. Only the first segment in flight has an event, so the heap holds at
// most one for each stream.
struct Flow {
  SimStream stream;
  std::uint32_t generation = 0;  // of the event
  bool armed = false;
  bool held = false;  // its first segment was due and could not arrive; a heal or the return of power releases it
};

// A connection. Flow i carries what side i sends.
struct Pipe {
  enum class Phase { unsent, knocking, hanging, answered };  // unsent: its node is paused

  std::uint32_t slot = 0;
  std::uint32_t generation = 0;
  std::uint64_t id = 0;
  Address address;
  Phase phase = Phase::knocking;
  bool doomed = false;
  std::array<End, 2> ends;
  std::array<Flow, 2> flows;
};

struct Listening {
  SimLife* life = nullptr;
  std::uint64_t number = 0;  // so that an old handle does not end a new listener
  std::unique_ptr<Accepted> accepted;
};

std::string host_of(NodeId node) {
  std::string host = to_string(node);
  for (char& c : host) {
    if (c == ' ') c = '-';
  }
  return host;
}

}  // namespace

struct SimNetwork::State {
  class PipeEnd;
  class ListenerHandle;

  State(SimScheduler& the_scheduler, NetworkConfig the_config, std::uint64_t the_seed, Tap the_tap)
      : scheduler(the_scheduler), config(the_config), seed(the_seed), tap(std::move(the_tap)) {}

  SimLink& link(NodeId from, NodeId to);
  Pipe& make_pipe(SimLife& from, const Address& to);
  Pipe* find(std::uint32_t slot, std::uint32_t generation);

  // What an owner does.
  void send(Pipe& pipe, Side side, const Bytes& bytes);
  void close(Pipe& pipe, Side side, Time when);
  void resume_reading(Pipe& pipe, Side side);

  // How a connection comes about.
  void knock(Pipe& pipe, Time when);
  void answer(Pipe& pipe);

  // How segments travel.
  void queue(Pipe& pipe, Side side, SegmentKind kind, Time when);
  void pump(Pipe& pipe, Side side);
  void arm(Pipe& pipe, Side side);
  void release(Pipe& pipe, Side side);
  void resend(Pipe& pipe, Side side);
  void clear(Pipe& pipe, Side side);

  // How they are received.
  void arrive(Pipe& pipe, Side side, Segment segment);
  void hand_over(Pipe& pipe, Side side, Segment segment);
  void wake(Pipe& pipe, Side side);
  void drop_inbox(Pipe& pipe, Side side);
  void show(const Pipe& pipe, Traffic::Kind kind, Side from, const Slice& bytes = {}) const;

  // How an end ends.
  void end_unknown(Pipe& pipe, Side side, End::State state);
  void break_end(Pipe& pipe, Side side);
  void finish(Pipe& pipe, Side side, CloseReason reason);
  void doom_if_unnoticed(Pipe& pipe);
  void forget_listeners(const SimLife& life);

  bool on_deliver(const SimEvent& event);
  bool on_accept(const SimEvent& event);
  bool on_readable(const SimEvent& event);
  bool on_closed(const SimEvent& event);

  template <class Body>
  void for_each_pipe(Body body) {
    for (const std::unique_ptr<Pipe>& pipe : pipes) {
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
  std::map<Address, Listening> listening;
  std::vector<std::unique_ptr<Pipe>> pipes;  // by slot
  std::vector<std::uint32_t> free_slots;
  std::vector<std::uint32_t> doomed_slots;
  std::uint32_t next_generation = 1;  // of pipes and armed flows; 0 names nothing
  std::uint64_t next_connection = 1;
  std::uint64_t next_listener = 1;

  // A callback may end what it belongs to, so it is destroyed only after the turn in which it runs.
  std::vector<std::unique_ptr<ConnectionEvents>> discarded_events;
  std::vector<std::unique_ptr<Accepted>> discarded_listeners;
};

// An owner's handle. It may outlive the pipe: then its generation has passed, and it does nothing.
class SimNetwork::State::PipeEnd final : public Connection {
 public:
  // Of a dead node: leads nowhere.
  explicit PipeEnd(State& network) : network_(network) {}
  PipeEnd(State& network, const Pipe& pipe, Side side)
      : network_(network),
        slot_(pipe.slot),
        generation_(pipe.generation),
        side_(side),
        id_(pipe.id),
        peer_(pipe.ends[other(side)].node->id) {}
  ~PipeEnd() override { close(); }
  PipeEnd(const PipeEnd&) = delete;
  PipeEnd& operator=(const PipeEnd&) = delete;

  void on(ConnectionEvents events) override {
    Pipe* pipe = network_.find(slot_, generation_);
    if (!pipe || !pipe->ends[side_].noticed()) return;
    CHECK(!pipe->ends[side_].events);
    pipe->ends[side_].events = std::make_unique<ConnectionEvents>(std::move(events));
  }
  void send(Bytes bytes) override {
    if (Pipe* pipe = open_pipe()) network_.send(*pipe, side_, bytes);
  }
  std::size_t unsent() const override {
    const Pipe* pipe = open_pipe();
    return pipe ? pipe->flows[side_].stream.unsent() : 0;
  }
  void pause_reading() override {
    if (Pipe* pipe = open_pipe()) pipe->ends[side_].paused = true;
  }
  void resume_reading() override {
    if (Pipe* pipe = open_pipe()) network_.resume_reading(*pipe, side_);
  }
  void close() override {
    Pipe* pipe = network_.find(slot_, generation_);
    if (pipe && pipe->ends[side_].noticed()) network_.close(*pipe, side_, network_.scheduler.free_at(*pipe->ends[side_].life));
  }
  std::uint64_t id() const override { return id_; }
  NodeId peer() const override { return peer_; }

 private:
  Pipe* open_pipe() const {
    Pipe* pipe = network_.find(slot_, generation_);
    return pipe && pipe->ends[side_].state == End::State::open ? pipe : nullptr;
  }

  State& network_;
  std::uint32_t slot_ = 0;
  std::uint32_t generation_ = 0;
  Side side_ = 0;
  std::uint64_t id_ = 0;
  NodeId peer_;
};

class SimNetwork::State::ListenerHandle final : public Listener {
 public:
  ListenerHandle(State& network, Address address, std::uint64_t number)
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
  State& network_;
  Address address_;
  std::uint64_t number_;  // 0, of a dead node, names no listener
};

SimLink& SimNetwork::State::link(NodeId from, NodeId to) {
  const auto found = links.find({from, to});
  if (found != links.end()) return found->second;
  const std::int64_t key = (std::int64_t{from.value} << 32) | to.value;
  const LinkShape& shape = from == to ? config.loopback : config.link;
  return links.emplace(std::pair(from, to), SimLink{shape, Random::stream(seed, "link", key)}).first->second;
}

Pipe& SimNetwork::State::make_pipe(SimLife& from, const Address& to) {
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
  pipes[slot] = std::make_unique<Pipe>(
      Pipe{.slot = slot,
           .generation = next_generation++,
           .id = next_connection++,
           .address = to,
           .ends = {},
           .flows = {Flow{SimStream(there, config.receive_window)}, Flow{SimStream(back, config.receive_window)}}});
  Pipe& pipe = *pipes[slot];
  pipe.ends[0].node = from.node;
  pipe.ends[0].life = &from;
  pipe.ends[0].state = End::State::open;
  pipe.ends[1].node = target;
  pipe.flows[1].stream.open();
  return pipe;
}

Pipe* SimNetwork::State::find(std::uint32_t slot, std::uint32_t generation) {
  if (generation == 0) return nullptr;
  Pipe* pipe = pipes[slot].get();
  return pipe && pipe->generation == generation ? pipe : nullptr;
}

void SimNetwork::State::send(Pipe& pipe, Side side, const Bytes& bytes) {
  if (bytes.empty()) return;
  // Sender and receiver must never share a buffer: one of them may die, or be a mutant that writes into it.
  const Time when = scheduler.free_at(*pipe.ends[side].life);
  pipe.flows[side].stream.queue({SegmentKind::data, bytes.copy(), when, {}});
  pump(pipe, side);
}

void SimNetwork::State::close(Pipe& pipe, Side side, Time when) {
  End& end = pipe.ends[side];
  const bool was_open = end.state == End::State::open;
  end_unknown(pipe, side, End::State::gone);
  if (was_open) queue(pipe, side, SegmentKind::end, when);
  doom_if_unnoticed(pipe);
  // Nobody is left at whom an end of the stream could arrive.
  if (!pipe.doomed || !was_open) return;
  if (pipe.ends[other(side)].state == End::State::gone) show(pipe, Traffic::Kind::end, other(side));
  show(pipe, Traffic::Kind::end, side);
}

void SimNetwork::State::resume_reading(Pipe& pipe, Side side) {
  pipe.ends[side].paused = false;
  wake(pipe, side);
}

// The attempt leaves at `when` and arrives one latency later.
void SimNetwork::State::knock(Pipe& pipe, Time when) {
  if (when == SimScheduler::never) {
    pipe.phase = Pipe::Phase::unsent;
    return;
  }
  pipe.phase = Pipe::Phase::knocking;
  SimLink& there = link(pipe.ends[0].node->id, pipe.ends[1].node->id);
  const Duration latency = there.draw_latency();
  scheduler.schedule(when + latency, SimEventKind::connect, SimScheduler::nobody, pipe.slot, pipe.generation);
}

// The attempt has arrived at the other machine.
void SimNetwork::State::answer(Pipe& pipe) {
  const SimNode& target = *pipe.ends[1].node;
  if (pipe.flows[0].stream.link().cut || pipe.flows[1].stream.link().cut || !target.powered) {
    pipe.phase = Pipe::Phase::hanging;
    return;
  }
  pipe.phase = Pipe::Phase::answered;
  const auto found = listening.find(pipe.address);
  if (found == listening.end()) {
    queue(pipe, 1, SegmentKind::refused, scheduler.now());
    doom_if_unnoticed(pipe);
    return;
  }
  pipe.ends[1].life = found->second.life;
  pipe.ends[1].state = End::State::open;
  show(pipe, Traffic::Kind::opened, 0);
  queue(pipe, 1, SegmentKind::opened, scheduler.now());
  scheduler.schedule(scheduler.now(), SimEventKind::accept, found->second.life->index, pipe.slot, pipe.generation);
}

void SimNetwork::State::queue(Pipe& pipe, Side side, SegmentKind kind, Time when) {
  pipe.flows[side].stream.queue({kind, {}, when, {}});
  pump(pipe, side);
}

void SimNetwork::State::pump(Pipe& pipe, Side side) {
  pipe.flows[side].stream.pump(scheduler.now());
  arm(pipe, side);
}

void SimNetwork::State::arm(Pipe& pipe, Side side) {
  Flow& flow = pipe.flows[side];
  if (flow.armed || flow.held || !flow.stream.any_in_flight()) return;
  flow.armed = true;
  flow.generation = next_generation++;
  scheduler.schedule(flow.stream.next_arrival(), SimEventKind::deliver, SimScheduler::nobody,
                     static_cast<std::uint32_t>(pipe.slot * 2 + side), flow.generation);
}

void SimNetwork::State::release(Pipe& pipe, Side side) {
  if (pipe.flows[side].held) resend(pipe, side);
}

void SimNetwork::State::resend(Pipe& pipe, Side side) {
  Flow& flow = pipe.flows[side];
  flow.held = false;
  flow.armed = false;
  flow.stream.resend(scheduler.now());
  arm(pipe, side);
}

void SimNetwork::State::clear(Pipe& pipe, Side side) {
  Flow& flow = pipe.flows[side];
  flow.stream.clear();
  flow.armed = false;
  flow.held = false;
}

bool SimNetwork::State::on_deliver(const SimEvent& event) {
  Pipe* pipe = pipes[event.subject / 2].get();
  const Side sender = event.subject % 2;
  if (!pipe) return false;
  Flow& flow = pipe->flows[sender];
  if (!flow.armed || flow.generation != event.generation) return false;

  flow.armed = false;
  if (flow.stream.held() || !pipe->ends[other(sender)].node->powered) {
    flow.held = true;
    return true;
  }
  Segment segment = flow.stream.arrive();
  arm(*pipe, sender);
  arrive(*pipe, other(sender), std::move(segment));
  return true;
}

void SimNetwork::State::arrive(Pipe& pipe, Side side, Segment segment) {
  End& end = pipe.ends[side];
  if (segment.kind == SegmentKind::data) show(pipe, Traffic::Kind::bytes, other(side), segment.bytes);
  if (segment.kind == SegmentKind::end) show(pipe, Traffic::Kind::end, other(side));
  if (segment.kind == SegmentKind::refused) show(pipe, Traffic::Kind::refused, other(side));
  if (segment.kind == SegmentKind::opened) {
    pipe.flows[side].stream.open();
    pump(pipe, side);
  }
  if (end.state != End::State::open) {
    pipe.flows[other(side)].stream.consumed(segment.bytes.size());
    pump(pipe, other(side));
    const bool asks = segment.kind == SegmentKind::data || segment.kind == SegmentKind::opened;
    if (end.state == End::State::lost && asks && pipe.flows[side].stream.empty()) {
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

void SimNetwork::State::hand_over(Pipe& pipe, Side side, Segment segment) {
  End& end = pipe.ends[side];
  pipe.flows[other(side)].stream.consumed(segment.bytes.size());
  pump(pipe, other(side));
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
void SimNetwork::State::wake(Pipe& pipe, Side side) {
  End& end = pipe.ends[side];
  if (end.woken || end.inbox.empty() || !end.takes(end.inbox.front().kind)) return;
  end.woken = true;
  scheduler.schedule(scheduler.now(), SimEventKind::readable, end.life->index, static_cast<std::uint32_t>(pipe.slot * 2 + side),
                     pipe.generation);
}

bool SimNetwork::State::on_readable(const SimEvent& event) {
  Pipe* pipe = find(event.subject / 2, event.generation);
  const Side side = event.subject % 2;
  if (!pipe) return false;
  End& end = pipe->ends[side];
  end.woken = false;
  if (end.state != End::State::open || end.inbox.empty() || !end.takes(end.inbox.front().kind)) return false;

  Segment segment = end.inbox.pop();
  wake(*pipe, side);
  hand_over(*pipe, side, std::move(segment));
  return true;
}

bool SimNetwork::State::on_accept(const SimEvent& event) {
  Pipe* pipe = find(event.subject, event.generation);
  if (!pipe || pipe->ends[1].state != End::State::open) return false;
  SimLife& life = *pipe->ends[1].life;
  const auto found = listening.find(pipe->address);
  if (found == listening.end() || found->second.life != &life) {
    close(*pipe, 1, scheduler.now());  // the listener went while its node was busy
    return true;
  }
  Accepted& accepted = *found->second.accepted;
  scheduler.turn(life, [&] { accepted(std::make_unique<PipeEnd>(*this, *pipe, 1)); });
  return true;
}

bool SimNetwork::State::on_closed(const SimEvent& event) {
  Pipe* pipe = find(event.subject / 2, event.generation);
  const Side side = event.subject % 2;
  if (!pipe || pipe->ends[side].state != End::State::broken) return false;
  scheduler.turn(*pipe->ends[side].life, [&] { finish(*pipe, side, CloseReason::reset); });
  return true;
}

void SimNetwork::State::drop_inbox(Pipe& pipe, Side side) {
  End& end = pipe.ends[side];
  if (end.inbox.empty()) return;
  for (const Segment& segment : end.inbox) pipe.flows[other(side)].stream.consumed(segment.bytes.size());
  end.inbox.clear();
  pump(pipe, other(side));
}

// The owner hears no more of this end.
void SimNetwork::State::end_unknown(Pipe& pipe, Side side, End::State state) {
  End& end = pipe.ends[side];
  end.state = state;
  if (end.events) discarded_events.push_back(std::move(end.events));
  drop_inbox(pipe, side);
}

void SimNetwork::State::break_end(Pipe& pipe, Side side) {
  End& end = pipe.ends[side];
  clear(pipe, side);
  drop_inbox(pipe, side);
  if (end.state != End::State::open) return;
  end.state = End::State::broken;
  show(pipe, Traffic::Kind::reset, other(side));
  scheduler.schedule(scheduler.now(), SimEventKind::closed, end.life->index, static_cast<std::uint32_t>(pipe.slot * 2 + side),
                     pipe.generation);
}

void SimNetwork::State::finish(Pipe& pipe, Side side, CloseReason reason) {
  const ConnectionEvents* events = pipe.ends[side].events.get();  // moved by the next call, not destroyed
  if (reason == CloseReason::end_of_stream) show(pipe, Traffic::Kind::end, side);
  end_unknown(pipe, side, End::State::gone);
  clear(pipe, side);
  doom_if_unnoticed(pipe);
  if (events && events->closed) events->closed(reason);
}

// A pipe is needed as long as an owner may still hear of it, or bytes of a sender that is gone look for their listener.
void SimNetwork::State::doom_if_unnoticed(Pipe& pipe) {
  if (pipe.doomed || pipe.ends[0].noticed() || pipe.ends[1].noticed()) return;
  const bool opening = pipe.phase != Pipe::Phase::answered;
  if (opening && pipe.ends[0].state == End::State::gone && pipe.flows[0].stream.unsent() > 0) return;
  pipe.doomed = true;
  doomed_slots.push_back(pipe.slot);
}

void SimNetwork::State::show(const Pipe& pipe, Traffic::Kind kind, Side from, const Slice& bytes) const {
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

SimNetwork::SimNetwork(SimScheduler& scheduler, NetworkConfig config, std::uint64_t seed, Tap tap)
    : state_(std::make_unique<State>(scheduler, config, seed, std::move(tap))) {
  CHECK(config.receive_window > 0);
}

SimNetwork::~SimNetwork() = default;

std::unique_ptr<Connection> SimNetwork::connect(SimLife& from, const Address& to) {
  if (from.dead) return std::make_unique<State::PipeEnd>(*state_);
  Pipe& pipe = state_->make_pipe(from, to);
  state_->knock(pipe, state_->scheduler.free_at(from));
  return std::make_unique<State::PipeEnd>(*state_, pipe, 0);
}

std::unique_ptr<Listener> SimNetwork::listen(SimLife& life, const Address& address, Accepted accepted) {
  if (life.dead) return std::make_unique<State::ListenerHandle>(*state_, address, 0);
  const auto owner = state_->reserved.find(address);
  CHECK(owner != state_->reserved.end() && owner->second == life.node);
  CHECK(!state_->listening.contains(address));
  const std::uint64_t number = state_->next_listener++;
  state_->listening.emplace(address, Listening{&life, number, std::make_unique<Accepted>(std::move(accepted))});
  return std::make_unique<State::ListenerHandle>(*state_, address, number);
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
  state_->for_each_pipe([&](Pipe& pipe) {
    const bool concerned[] = {&pipe.flows[0].stream.link() == &link, &pipe.flows[1].stream.link() == &link};
    for (const Side side : {Side{0}, Side{1}}) {
      if (!concerned[side]) continue;
      // A slow link may have taken bytes that would arrive in hours.
      was_slow ? state_->resend(pipe, side) : state_->release(pipe, side);
    }
    const bool attempts = pipe.phase == Pipe::Phase::hanging || (was_slow && pipe.phase == Pipe::Phase::knocking);
    if (attempts && (concerned[0] || concerned[1])) state_->knock(pipe, state_->scheduler.now());
  });
  return true;
}

void SimNetwork::reset(NodeId from, NodeId to) {
  state_->for_each_pipe([&](Pipe& pipe) {
    const NodeId a = pipe.ends[0].node->id;
    const NodeId b = pipe.ends[1].node->id;
    if (!(a == from && b == to) && !(a == to && b == from)) return;
    pipe.phase = Pipe::Phase::answered;
    state_->break_end(pipe, 0);
    state_->break_end(pipe, 1);
    state_->doom_if_unnoticed(pipe);
  });
}

void SimNetwork::shape(NodeId from, NodeId to, LinkShape shape) { state_->link(from, to).shape = shape; }

void SimNetwork::resumed(SimLife& life) {
  const Time when = state_->scheduler.free_at(life);
  state_->for_each_pipe([&](Pipe& pipe) {
    for (const Side side : {Side{0}, Side{1}}) {
      if (pipe.ends[side].life != &life) continue;
      pipe.flows[side].stream.sender_resumed(when);
      state_->arm(pipe, side);
    }
    if (pipe.phase == Pipe::Phase::unsent && pipe.ends[0].life == &life) state_->knock(pipe, when);
  });
}

void SimNetwork::killed(SimLife& life) {
  const Time now = state_->scheduler.now();
  state_->forget_listeners(life);
  state_->for_each_pipe([&](Pipe& pipe) {
    for (const Side side : {Side{0}, Side{1}}) {
      End& end = pipe.ends[side];
      if (end.life != &life) continue;
      // What the node would have sent at the end of a long turn was never sent; if it would have closed, it dies instead.
      Flow& flow = pipe.flows[side];
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
  state_->for_each_pipe([&](Pipe& pipe) {
    for (const Side side : {Side{0}, Side{1}}) {
      End& end = pipe.ends[side];
      if (end.node != life.node) continue;
      state_->clear(pipe, side);
      if (end.state != End::State::absent) state_->end_unknown(pipe, side, End::State::lost);
      // A peer that has not heard the answer goes on knocking.
      const bool unheard = side == 1 && pipe.phase == Pipe::Phase::answered && !pipe.flows[0].stream.is_open();
      if (unheard && pipe.ends[0].noticed()) {
        end = End{};
        end.node = life.node;
        pipe.phase = Pipe::Phase::hanging;
      }
    }
    state_->doom_if_unnoticed(pipe);
  });
}

void SimNetwork::powered_on(SimNode& node) {
  state_->for_each_pipe([&](Pipe& pipe) {
    for (const Side side : {Side{0}, Side{1}}) {
      if (pipe.ends[other(side)].node == &node) state_->release(pipe, side);
    }
    if (pipe.phase == Pipe::Phase::hanging && pipe.ends[1].node == &node) state_->knock(pipe, state_->scheduler.now());
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
      Pipe* pipe = state_->find(event.subject, event.generation);
      if (!pipe || pipe->phase != Pipe::Phase::knocking) return false;
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
      const std::unique_ptr<Pipe> pipe = std::move(state_->pipes[slot]);
      state_->free_slots.push_back(slot);
    }
  }
}

}  // namespace acklab::protocol
