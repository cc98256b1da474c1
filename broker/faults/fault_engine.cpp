#include "broker/faults/fault_engine.h"

#include <algorithm>
#include <map>
#include <mutex>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "broker/faults/director.h"

namespace acklab::broker {

using protocol::Direction;
using protocol::Election;
using protocol::Entry;
using protocol::Event;
using protocol::failure;
using protocol::NodeId;
using Link = Targets::Link;

namespace {

RequestFault effect_of(const Fault& fault) {
  switch (fault.verb) {
    case Verb::error_on_nth:
      return {RequestFault::Kind::answer_error, fault.code, {}};
    case Verb::delay:
      return {RequestFault::Kind::delay, {}, fault.by};
    case Verb::drop_before_apply:
      return {RequestFault::Kind::drop_before_apply, {}, {}};
    case Verb::drop_after_append:
      return {RequestFault::Kind::drop_after_append, {}, {}};
    case Verb::hold_answer:
      return {RequestFault::Kind::hold_answer, {}, fault.by};
    default:
      return {RequestFault::Kind::drop_answer, {}, {}};
  }
}

Direction direction_of(const LinkTarget& link) { return link.one_way ? Direction::forward : Direction::both; }

}  // namespace

struct FaultEngine::State {
  State(protocol::World& w, NodeId director_node) : world(w), director_id(director_node) {}

  protocol::World& world;
  NodeId director_id;
  Hands hands;

  mutable std::mutex mutex;  // guards everything below
  Director* director = nullptr;
  Targets targets;
  std::vector<ArmedFault> armed;
  std::size_t injected = 0;  // ids given so far
  std::set<Link> touched_links;
  std::set<NodeId> touched_disks;

  using Due = std::vector<std::size_t>;  // places in `armed`

  void observe(const Entry& entry, std::string_view topic, const std::shared_ptr<State>& self);
  void begin_after(const std::string& fired, Due& due);
  void execute(Due due, const std::shared_ptr<State>& self);
  void sleep(std::size_t index, Duration delay, const std::shared_ptr<State>& self);
  void announce(std::size_t index);
  RequestFault request(const RequestSummary& summary, const std::shared_ptr<State>& self);
  void join_link_faults(const RequestSummary& summary);
  ArmedFault* find(std::string_view id);

  // Effects. What the engine knows is asked for under the lock, what is done is done without it: it may be heard of at once.
  struct Reach {
    std::vector<NodeId> nodes;
    std::vector<Link> links;

    std::set<NodeId> all_nodes() const;
  };
  Reach reach(const Fault& fault);
  void act(const Fault& fault, const Reach& reach);
  void on_node(const Fault& fault, NodeId node);
  void on_link(const Fault& fault, Link link, Direction direction);
  // What is in force of some faults, to be ended.
  struct Grip {
    std::vector<Link> links;
    std::vector<NodeId> paused;
    std::vector<NodeId> disks;
  };
  void release(const Grip& grip);
};

// ---- From triggers to effects

// Faults that waited for `fired` begin to count; those without an event are due at once.
void FaultEngine::State::begin_after(const std::string& fired, Due& due) {
  for (std::size_t i = 0; i < armed.size(); ++i) {
    if (armed[i].begins_after(fired)) due.push_back(i);
  }
}

void FaultEngine::State::observe(const Entry& entry, std::string_view topic, const std::shared_ptr<State>& self) {
  Due due;
  {
    const std::lock_guard lock(mutex);
    for (std::size_t i = 0; i < armed.size(); ++i) {
      if (armed[i].counts(entry, topic, targets)) due.push_back(i);
    }
    // After the matching: at the election that ends its leadership, "leader" still means the old one.
    targets.observe(entry, topic);
  }
  if (!due.empty()) execute(std::move(due), self);
}

void FaultEngine::State::execute(Due due, const std::shared_ptr<State>& self) {
  // Index by index, because an effect may satisfy the next fault ("after").
  for (std::size_t next = 0; next < due.size(); ++next) {
    const std::size_t index = due[next];
    Fault fault;
    Reach struck;
    bool sleeps = false;
    {
      const std::lock_guard lock(mutex);
      ArmedFault& one = armed[index];
      if (!one.is_due()) continue;
      sleeps = one.must_sleep();
      if (sleeps) one.sleep();
      fault = one.fault();
    }
    if (sleeps) {
      sleep(index, fault.when.delay, self);
      continue;
    }
    {
      const std::lock_guard lock(mutex);
      ArmedFault& one = armed[index];
      if (!one.is_due()) continue;  // another thread was first
      const bool strikes = targets.strikes(fault) && (kind(fault.verb) != VerbKind::disk || hands.break_disk);
      one.act(strikes ? ArmedFault::Effect::struck : ArmedFault::Effect::none, world.now());
      if (!strikes || kind(fault.verb) == VerbKind::request) continue;
      struck = reach(fault);
      one.struck = struck.all_nodes();
      if (fault.verb == Verb::pause) one.paused.insert(struck.nodes.begin(), struck.nodes.end());
      if (kind(fault.verb) == VerbKind::disk) one.disks.insert(struck.nodes.begin(), struck.nodes.end());
      one.links.insert(struck.links.begin(), struck.links.end());
      begin_after(fault.id, due);
    }
    act(fault, struck);
    announce(index);
  }
}

void FaultEngine::State::sleep(std::size_t index, Duration delay, const std::shared_ptr<State>& self) {
  world.post(director_id, [this, self, index, delay] {
    director->after(delay, [this, self, index] {
      {
        const std::lock_guard lock(mutex);
        if (!armed[index].wakes()) return;
      }
      execute({index}, self);
    });
  });
}

void FaultEngine::State::announce(std::size_t index) {
  world.post(director_id,
             [this, index] { director->note({.event = Event::fault_fired, .count = static_cast<std::int64_t>(index)}); });
}

RequestFault FaultEngine::State::request(const RequestSummary& summary, const std::shared_ptr<State>& self) {
  join_link_faults(summary);
  Due due;
  RequestFault effect;
  std::size_t hit = 0;
  {
    const std::lock_guard lock(mutex);
    const auto found = std::find_if(armed.begin(), armed.end(), [&](ArmedFault& one) { return one.strikes(summary, targets); });
    if (found == armed.end()) return effect;
    const bool first = found->fired() == 0;
    found->struck_request(world.now());
    found->struck = {NodeId::broker(summary.broker)};
    if (first) begin_after(found->fault().id, due);
    effect = effect_of(found->fault());
    hit = static_cast<std::size_t>(found - armed.begin());
  }
  announce(hit);
  if (!due.empty()) execute(std::move(due), self);
  return effect;
}

// A stranger tells who it is with its first request on a connection. If its links are at fault, so is this new one.
void FaultEngine::State::join_link_faults(const RequestSummary& summary) {
  if (!summary.peer.is_stranger()) return;
  std::vector<std::pair<Fault, Link>> joins;
  {
    const std::lock_guard lock(mutex);
    if (!targets.name_client(summary.client, summary.peer)) return;
    for (ArmedFault& one : armed) {
      if (one.phase() != ArmedFault::Phase::in_force || kind(one.fault().verb) != VerbKind::link) continue;
      for (const Link& link : targets.resolve(one.fault().link)) {
        if (link.from != summary.peer && link.to != summary.peer) continue;
        one.links.insert(link);
        touched_links.insert(link);
        joins.emplace_back(one.fault(), link);
      }
    }
  }
  for (const auto& [fault, link] : joins) on_link(fault, link, direction_of(fault.link));
}

ArmedFault* FaultEngine::State::find(std::string_view id) {
  const auto found = std::find_if(armed.begin(), armed.end(), [&](const ArmedFault& one) { return one.fault().id == id; });
  return found == armed.end() ? nullptr : &*found;
}

// ---- Effects

std::set<NodeId> FaultEngine::State::Reach::all_nodes() const {
  std::set<NodeId> all(nodes.begin(), nodes.end());
  for (const Link& link : links) all.insert({link.from, link.to});
  return all;
}

// Under the lock. A heal without ends means every link that was touched.
FaultEngine::State::Reach FaultEngine::State::reach(const Fault& fault) {
  Reach reach;
  switch (kind(fault.verb)) {
    case VerbKind::node:
      reach.nodes = targets.resolve(fault.target);
      break;
    case VerbKind::disk:
      reach.nodes = targets.resolve(fault.target);
      touched_disks.insert(reach.nodes.begin(), reach.nodes.end());
      break;
    case VerbKind::link:
      if (fault.verb == Verb::heal && fault.link.from.kind == Target::Kind::none) {
        reach.links.assign(touched_links.begin(), touched_links.end());
        touched_links.clear();
      } else {
        reach.links = targets.resolve(fault.link);
        if (fault.verb != Verb::heal) touched_links.insert(reach.links.begin(), reach.links.end());
      }
      break;
    case VerbKind::partition:
    case VerbKind::request:
    case VerbKind::nothing:
      break;
  }
  return reach;
}

void FaultEngine::State::act(const Fault& fault, const Reach& reach) {
  for (const NodeId node : reach.nodes) on_node(fault, node);
  for (const Link& link : reach.links) on_link(fault, link, direction_of(fault.link));
  if (kind(fault.verb) == VerbKind::partition && hands.elect) {
    hands.elect(fault.verb == Verb::preferred_election ? Election::preferred : Election::unclean, fault.target.partition);
  }
}

void FaultEngine::State::on_node(const Fault& fault, NodeId node) {
  if (kind(fault.verb) == VerbKind::disk) {
    if (hands.break_disk && !node.is_client()) hands.break_disk(node, fault);
    return;
  }
  const auto use = [node](const std::function<void(NodeId)>& hand) {
    if (hand) hand(node);
  };
  switch (fault.verb) {
    case Verb::kill:
      return node.is_client() ? world.kill(node) : use(hands.kill);
    case Verb::power_loss:
      return node.is_client() ? world.power_off(node) : use(hands.power_loss);
    case Verb::pause:
      return world.pause(node);
    case Verb::resume:
      return world.resume(node);
    case Verb::restart:
      return node.is_client() ? void() : use(hands.restart);
    case Verb::controlled_shutdown:
      return node.is_broker() ? use(hands.shut_down) : void();
    case Verb::clock_jump:
      return world.jump_clock(node, fault.by.value_or(Duration::zero()));
    default:
      return;
  }
}

void FaultEngine::State::on_link(const Fault& fault, Link link, Direction direction) {
  switch (fault.verb) {
    case Verb::cut:
      return world.cut(link.from, link.to, direction);
    case Verb::stall:
      return world.stall(link.from, link.to, direction);
    case Verb::slow:
      return world.slow(link.from, link.to, direction, fault.slowness);
    case Verb::heal:
      return world.heal(link.from, link.to, direction);
    case Verb::reset:
      return world.reset(link.from, link.to);
    default:
      return;
  }
}

void FaultEngine::State::release(const Grip& grip) {
  for (const Link& link : grip.links) world.heal(link.from, link.to, Direction::both);
  for (const NodeId node : grip.paused) world.resume(node);
  Fault mending;
  mending.verb = Verb::mend_disk;
  for (const NodeId node : grip.disks) on_node(mending, node);
}

// ---- The engine

FaultEngine::FaultEngine(protocol::World& world, NodeId director) : state_(std::make_shared<State>(world, director)) {
  world.subscribe([state = state_](const Entry& entry, std::string_view topic) { state->observe(entry, topic, state); });
  world.start(director, [state = state_](protocol::Runtime& runtime) {
    auto process = std::make_unique<Director>(runtime);
    state->director = process.get();
    return process;
  });
}

FaultEngine::~FaultEngine() { disarm(); }

void FaultEngine::attach(Hands hands) { state_->hands = std::move(hands); }

void FaultEngine::name_client(std::string client_id, NodeId node) {
  const std::lock_guard lock(state_->mutex);
  state_->targets.name_client(client_id, node);
}

RequestHook FaultEngine::request_hook() {
  return [state = state_](const RequestSummary& summary) { return state->request(summary, state); };
}

Result<void, std::string> FaultEngine::arm(FaultPlan plan) {
  State::Due due;
  {
    const std::lock_guard lock(state_->mutex);
    if (state_->armed.size() + plan.size() > max_faults) {
      return failure(fmt::format("no more than {} faults can be planned in one run", max_faults));
    }
    std::set<std::string> ids;
    for (const ArmedFault& one : state_->armed) ids.insert(one.fault().id);
    for (const Fault& fault : plan) {
      if (!ids.insert(fault.id).second) return failure("fault " + fault.id + ": the id is used twice");
    }
    std::set<std::string> fired;
    for (const ArmedFault& one : state_->armed) {
      if (one.fired() > 0) fired.insert(one.fault().id);
    }
    for (const Fault& fault : plan) {
      if (!fault.when.after.empty() && !ids.contains(fault.when.after)) {
        return failure("fault " + fault.id + ": waits for \"" + fault.when.after + "\", which is no fault of this plan");
      }
    }
    for (Fault& fault : plan) {
      const std::size_t index = state_->armed.size();
      const std::string after = fault.when.after;
      ArmedFault& one = state_->armed.emplace_back(std::move(fault));
      // What it waits for may have happened before it was planned.
      if ((after.empty() || fired.contains(after)) && one.begins_after(after)) due.push_back(index);
    }
  }
  state_->execute(std::move(due), state_);
  return {};
}

Result<std::string, std::string> FaultEngine::inject(Fault fault) {
  if (fault.id.empty()) {
    const std::lock_guard lock(state_->mutex);
    do {
      fault.id = fmt::format("fault-{}", ++state_->injected);
    } while (state_->find(fault.id) != nullptr);
  }
  std::string id = fault.id;
  FaultPlan plan;
  plan.push_back(std::move(fault));
  if (auto armed = arm(std::move(plan)); !armed) return failure(armed.error());
  return id;
}

Result<void, FaultEngine::LiftError> FaultEngine::lift(std::string_view id) {
  State::Grip grip;
  {
    const std::lock_guard lock(state_->mutex);
    ArmedFault* fault = state_->find(id);
    if (fault == nullptr) return failure(LiftError::unknown);
    if (fault->state() == FaultState::done) return failure(LiftError::already_happened);
    grip.links.assign(fault->links.begin(), fault->links.end());
    grip.paused.assign(fault->paused.begin(), fault->paused.end());
    grip.disks.assign(fault->disks.begin(), fault->disks.end());
    fault->lift();
  }
  state_->release(grip);
  return {};
}

void FaultEngine::disarm() {
  const std::lock_guard lock(state_->mutex);
  for (ArmedFault& one : state_->armed) one.disarm();
}

Result<void, std::string> FaultEngine::perform(const Fault& fault) {
  State::Reach reach;
  {
    const std::lock_guard lock(state_->mutex);
    reach = state_->reach(fault);
  }
  const bool heals_all = fault.verb == Verb::heal && fault.link.from.kind == Target::Kind::none;
  if (reach.nodes.empty() && reach.links.empty() && !heals_all && kind(fault.verb) != VerbKind::partition) {
    return failure("no node is meant by " + fault.target_text());
  }
  state_->act(fault, reach);
  return {};
}

void FaultEngine::heal_all() {
  State::Grip grip;
  {
    const std::lock_guard lock(state_->mutex);
    const auto& standing = state_->targets.view().paused();
    grip.links.assign(state_->touched_links.begin(), state_->touched_links.end());
    grip.paused.assign(standing.begin(), standing.end());
    grip.disks.assign(state_->touched_disks.begin(), state_->touched_disks.end());
    state_->touched_links.clear();
    state_->touched_disks.clear();
  }
  state_->release(grip);
}

std::vector<NodeId> FaultEngine::resolve(const Target& target) const {
  const std::lock_guard lock(state_->mutex);
  return state_->targets.resolve(target);
}

ClusterView FaultEngine::view() const {
  const std::lock_guard lock(state_->mutex);
  return state_->targets.view();
}

std::vector<FaultEngine::Status> FaultEngine::status() const {
  const std::lock_guard lock(state_->mutex);
  std::vector<Status> all;
  for (const ArmedFault& one : state_->armed) {
    all.push_back({one.fault(), one.state(), one.planned(), one.fired(), one.first_fired(), one.struck});
  }
  return all;
}

}  // namespace acklab::broker
