#include "broker/faults/fault_engine.h"

#include <algorithm>
#include <map>
#include <mutex>
#include <set>
#include <tuple>

namespace acklab::broker {

using protocol::Direction;
using protocol::Entry;
using protocol::Event;
using protocol::NodeId;
using protocol::TopicPartition;

namespace {

RequestFault effect_of(const Fault& fault) {
  switch (fault.verb) {
    case Verb::error_on_nth:
      return {RequestFault::Kind::answer_error, fault.code};
    case Verb::drop_before_apply:
      return {RequestFault::Kind::drop_before_apply, {}};
    case Verb::drop_after_append:
      return {RequestFault::Kind::drop_after_append, {}};
    default:
      return {RequestFault::Kind::drop_answer, {}};
  }
}

// Keeps time for delayed faults. It never opens a connection.
class Director final : public protocol::Process {
 public:
  explicit Director(protocol::Runtime& runtime) : runtime_(runtime) {}

  void after(Duration delay, std::function<void()> task) { timers_.push_back(runtime_.after(delay, std::move(task))); }
  void note(const Entry& entry) { runtime_.note(entry); }

 private:
  protocol::Runtime& runtime_;
  std::vector<std::unique_ptr<protocol::Timer>> timers_;
};

}  // namespace

struct FaultEngine::State {
  // waiting for another fault; counting events; due, its conditions hold; sleeping until its delay is over; done, or, for a request
  // fault, matching requests from now on.
  enum class Phase { waiting, counting, due, sleeping, done };
  struct Armed {
    Fault fault;
    Phase phase = Phase::waiting;
    std::int64_t records = 0;
    std::int64_t events = 0;
    std::int64_t requests = 0;  // matched so far, by a request fault
    Status status;
  };

  State(protocol::World& w, NodeId director_node) : world(w), director_id(director_node) {}

  protocol::World& world;
  NodeId director_id;
  Hands hands;

  mutable std::mutex mutex;  // guards everything below
  Director* director = nullptr;
  ClusterView view;
  std::vector<Armed> armed;
  std::map<std::string, NodeId> clients;
  std::set<std::tuple<NodeId, NodeId>> touched_links;

  std::vector<NodeId> resolve(const Target& target) const;
  bool strikes(const Fault& fault) const;
  bool emitted_by(const Target& at, const Entry& entry, std::string_view topic) const;
  void observe(const Entry& entry, std::string_view topic, const std::shared_ptr<State>& self);
  void begin_counting(const std::string& fired, std::vector<std::size_t>& due);
  void satisfied(std::size_t index, std::vector<std::size_t>& due);
  void execute(std::vector<std::size_t> due, const std::shared_ptr<State>& self);
  void schedule(std::size_t index, const std::shared_ptr<State>& self);
  void act(const Fault& fault);
  void on_node(Verb verb, NodeId node);
  void on_link(Verb verb, NodeId from, NodeId to, Direction direction);
  void announce(std::size_t index);
  RequestFault request(const RequestSummary& summary, const std::shared_ptr<State>& self);
};

std::vector<NodeId> FaultEngine::State::resolve(const Target& target) const {
  switch (target.kind) {
    case Target::Kind::none:
      return {};
    case Target::Kind::broker:
      return {NodeId::broker(target.broker)};
    case Target::Kind::controller:
      return {NodeId::controller()};
    case Target::Kind::client: {
      const auto found = clients.find(target.client);
      return found == clients.end() ? std::vector<NodeId>{} : std::vector<NodeId>{found->second};
    }
    case Target::Kind::leader: {
      const ClusterView::Partition* partition = view.find(target.partition);
      return partition && partition->leader.known() ? std::vector<NodeId>{partition->leader} : std::vector<NodeId>{};
    }
    case Target::Kind::followers: {
      std::vector<NodeId> nodes;
      if (const ClusterView::Partition* partition = view.find(target.partition)) {
        for (std::int32_t id = 0; id < 64; ++id) {
          const NodeId node = NodeId::broker({id});
          if (partition->replicas.contains({id}) && node != partition->leader) nodes.push_back(node);
        }
      }
      return nodes;
    }
    case Target::Kind::killed:
      return {view.dead().begin(), view.dead().end()};
    case Target::Kind::all:
      return {view.usable_brokers().begin(), view.usable_brokers().end()};
  }
  return {};
}

// Whether a fault on nodes or links would change anything. One that means nobody, kills the dead or restarts the living has not fired.
bool FaultEngine::State::strikes(const Fault& fault) const {
  if (fault.verb == Verb::heal) return true;
  if (is_link_fault(fault.verb)) return !resolve(fault.from).empty() && !resolve(fault.to).empty();
  const std::vector<NodeId> nodes = resolve(fault.target);
  return std::any_of(nodes.begin(), nodes.end(), [&](NodeId node) {
    const bool dead = view.dead().contains(node);
    return fault.verb == Verb::restart ? dead && !node.is_client() : !dead;
  });
}

bool FaultEngine::State::emitted_by(const Target& at, const Entry& entry, std::string_view topic) const {
  if (at.kind == Target::Kind::none) return true;
  if (at.kind == Target::Kind::leader || at.kind == Target::Kind::followers) {
    if (entry.partition != at.partition.partition || topic != at.partition.topic) return false;
  }
  const std::vector<NodeId> nodes = resolve(at);
  return std::find(nodes.begin(), nodes.end(), entry.node) != nodes.end();
}

// The conditions of a trigger hold: the fault is due now, or after its delay. Request faults only become ready to match.
void FaultEngine::State::satisfied(std::size_t index, std::vector<std::size_t>& due) {
  Armed& one = armed[index];
  one.phase = Phase::due;
  due.push_back(index);
}

// Faults that waited for `fired` start to count; those without an event are satisfied at once.
void FaultEngine::State::begin_counting(const std::string& fired, std::vector<std::size_t>& due) {
  for (std::size_t i = 0; i < armed.size(); ++i) {
    Armed& one = armed[i];
    if (one.phase != Phase::waiting || one.fault.when.after != fired) continue;
    one.phase = Phase::counting;
    if (!one.fault.when.event) satisfied(i, due);
  }
}

void FaultEngine::State::observe(const Entry& entry, std::string_view topic, const std::shared_ptr<State>& self) {
  std::vector<std::size_t> due;
  {
    const std::lock_guard lock(mutex);
    for (std::size_t i = 0; i < armed.size(); ++i) {
      Armed& one = armed[i];
      const Trigger& when = one.fault.when;
      if (one.phase != Phase::counting || when.event != entry.event || !emitted_by(when.at, entry, topic)) continue;
      ++one.events;
      one.records += entry.count;
      const bool enough = one.events >= std::max<std::int64_t>(when.batches, 1) && one.records >= when.records;
      if (enough) satisfied(i, due);
    }
    // After the matching: at the election that ends its leadership, "leader" still means the old one.
    view.observe(entry, topic);
  }
  if (!due.empty()) execute(std::move(due), self);
}

void FaultEngine::State::execute(std::vector<std::size_t> due, const std::shared_ptr<State>& self) {
  // Index by index, because an effect may satisfy the next fault ("after").
  for (std::size_t next = 0; next < due.size(); ++next) {
    const std::size_t index = due[next];
    Fault fault;
    {
      const std::lock_guard lock(mutex);
      Armed& one = armed[index];
      if (one.phase != Phase::due) continue;
      if (one.fault.when.delay > Duration::zero()) {
        one.phase = Phase::sleeping;
      } else if (is_request_fault(one.fault.verb)) {
        one.phase = Phase::done;  // from now on requests are matched
        continue;
      } else {
        one.phase = Phase::done;
        if (!strikes(one.fault)) continue;
        ++one.status.fired;
        one.status.first_fired = world.now();
        begin_counting(one.fault.id, due);
      }
      fault = one.fault;
    }
    if (fault.when.delay > Duration::zero()) {
      schedule(index, self);
    } else {
      act(fault);
      announce(index);
    }
  }
}

void FaultEngine::State::schedule(std::size_t index, const std::shared_ptr<State>& self) {
  world.post(director_id, [this, self, index] {
    Duration delay;
    {
      const std::lock_guard lock(mutex);
      delay = armed[index].fault.when.delay;
    }
    director->after(delay, [this, self, index] {
      {
        const std::lock_guard lock(mutex);
        if (armed[index].phase != Phase::sleeping) return;
        armed[index].fault.when.delay = Duration::zero();
        armed[index].phase = Phase::due;
      }
      execute({index}, self);
    });
  });
}

void FaultEngine::State::announce(std::size_t index) {
  world.post(director_id,
             [this, index] { director->note({.event = Event::fault_fired, .count = static_cast<std::int64_t>(index)}); });
}

void FaultEngine::State::on_node(Verb verb, NodeId node) {
  if (node.is_client()) {
    if (verb == Verb::kill) world.kill(node);
    if (verb == Verb::power_loss) world.power_off(node);
    return;
  }
  if (verb == Verb::kill && hands.kill) hands.kill(node);
  if (verb == Verb::power_loss && hands.power_loss) hands.power_loss(node);
  if (verb == Verb::restart && hands.restart) hands.restart(node);
}

void FaultEngine::State::on_link(Verb verb, NodeId from, NodeId to, Direction direction) {
  switch (verb) {
    case Verb::cut:
      world.cut(from, to, direction);
      break;
    case Verb::stall:
      world.stall(from, to, direction);
      break;
    case Verb::heal:
      world.heal(from, to, direction);
      break;
    case Verb::reset:
      world.reset(from, to);
      break;
    default:
      break;
  }
}

void FaultEngine::State::act(const Fault& fault) {
  if (is_link_fault(fault.verb)) {
    std::vector<std::tuple<NodeId, NodeId>> links;
    const Direction direction = fault.one_way ? Direction::forward : Direction::both;
    {
      const std::lock_guard lock(mutex);
      if (fault.verb == Verb::heal && fault.from.kind == Target::Kind::none) {
        links.assign(touched_links.begin(), touched_links.end());
        touched_links.clear();
      } else {
        for (const NodeId from : resolve(fault.from)) {
          for (const NodeId to : resolve(fault.to)) {
            if (from != to) links.emplace_back(from, to);
          }
        }
        if (fault.verb != Verb::heal) touched_links.insert(links.begin(), links.end());
      }
    }
    const Direction reach = fault.from.kind == Target::Kind::none ? Direction::both : direction;
    for (const auto& [from, to] : links) on_link(fault.verb, from, to, reach);
    return;
  }
  std::vector<NodeId> nodes;
  {
    const std::lock_guard lock(mutex);
    nodes = resolve(fault.target);
  }
  for (const NodeId node : nodes) on_node(fault.verb, node);
}

RequestFault FaultEngine::State::request(const RequestSummary& summary, const std::shared_ptr<State>& self) {
  std::vector<std::size_t> due;
  RequestFault effect;
  std::size_t hit = 0;
  {
    const std::lock_guard lock(mutex);
    for (std::size_t i = 0; i < armed.size(); ++i) {
      Armed& one = armed[i];
      const Fault& fault = one.fault;
      if (!is_request_fault(fault.verb) || one.phase != Phase::done) continue;
      const RequestMatch& match = fault.request;
      if (one.requests >= match.nth + match.times - 1) continue;  // spent
      if (summary.api_key != match.api_key.value_or(0)) continue;
      if (!match.client.empty() && match.client != summary.client) continue;
      const bool by_partition = fault.target.kind == Target::Kind::leader || fault.target.kind == Target::Kind::followers;
      const std::optional<TopicPartition> partition = match.partition ? match.partition
                                                      : by_partition  ? std::optional(fault.target.partition)
                                                                      : std::nullopt;
      if (partition && std::find(summary.partitions.begin(), summary.partitions.end(), *partition) == summary.partitions.end())
        continue;
      if (fault.target.kind != Target::Kind::none) {
        const std::vector<NodeId> nodes = resolve(fault.target);
        if (std::find(nodes.begin(), nodes.end(), NodeId::broker(summary.broker)) == nodes.end()) continue;
      }
      ++one.requests;
      if (one.requests < match.nth) continue;
      ++one.status.fired;
      if (one.status.fired == 1) {
        one.status.first_fired = world.now();
        begin_counting(fault.id, due);
      }
      effect = effect_of(fault);
      hit = i;
      break;
    }
  }
  if (effect.kind != RequestFault::Kind::none) announce(hit);
  if (!due.empty()) execute(std::move(due), self);
  return effect;
}

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
  state_->clients[std::move(client_id)] = node;
}

RequestHook FaultEngine::request_hook() {
  return [state = state_](const RequestSummary& summary) { return state->request(summary, state); };
}

Result<void, std::string> FaultEngine::arm(FaultPlan plan) {
  std::vector<std::size_t> due;
  {
    const std::lock_guard lock(state_->mutex);
    std::set<std::string> ids;
    for (const State::Armed& one : state_->armed) ids.insert(one.fault.id);
    for (const Fault& fault : plan) {
      if (!ids.insert(fault.id).second) return protocol::failure("fault " + fault.id + ": the id is used twice");
    }
    for (const Fault& fault : plan) {
      if (!fault.when.after.empty() && !ids.contains(fault.when.after)) {
        return protocol::failure("fault " + fault.id + ": waits for \"" + fault.when.after +
                                 "\", which is no fault of this plan");
      }
    }
    for (Fault& fault : plan) {
      State::Armed& one = state_->armed.emplace_back();
      one.status.id = fault.id;
      one.status.planned = is_request_fault(fault.verb) ? static_cast<int>(fault.request.times) : 1;
      one.status.fires = fault.fires;
      one.fault = std::move(fault);
    }
    state_->begin_counting("", due);
  }
  state_->execute(std::move(due), state_);
  return {};
}

void FaultEngine::disarm() {
  const std::lock_guard lock(state_->mutex);
  for (State::Armed& one : state_->armed) {
    one.phase = State::Phase::done;
    one.requests = INT64_MAX / 2;
  }
}

Result<void, std::string> FaultEngine::perform(Verb verb, const Target& target) {
  const std::vector<NodeId> nodes = resolve(target);
  if (nodes.empty()) return protocol::failure("no node is meant by " + to_string(target));
  for (const NodeId node : nodes) state_->on_node(verb, node);
  return {};
}

Result<void, std::string> FaultEngine::perform_on_link(Verb verb, const Target& from, const Target& to, bool one_way) {
  for (const Target& end : {from, to}) {
    if (resolve(end).empty()) return protocol::failure("no node is meant by " + to_string(end));
  }
  Fault fault;
  fault.verb = verb;
  fault.from = from;
  fault.to = to;
  fault.one_way = one_way;
  state_->act(fault);
  return {};
}

void FaultEngine::heal_all() {
  Fault fault;
  fault.verb = Verb::heal;
  state_->act(fault);
}

std::vector<NodeId> FaultEngine::resolve(const Target& target) const {
  const std::lock_guard lock(state_->mutex);
  return state_->resolve(target);
}

ClusterView FaultEngine::view() const {
  const std::lock_guard lock(state_->mutex);
  return state_->view;
}

std::vector<FaultEngine::Status> FaultEngine::status() const {
  const std::lock_guard lock(state_->mutex);
  std::vector<Status> all;
  for (const State::Armed& one : state_->armed) all.push_back(one.status);
  return all;
}

}  // namespace acklab::broker
