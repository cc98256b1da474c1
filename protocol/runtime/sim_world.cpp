#include "protocol/runtime/sim_world.h"

#include <utility>
#include <vector>

#include "protocol/check.h"

namespace acklab::protocol {
namespace {

// Something to do for a node: of a timer, or posted.
struct Task {
  std::function<void()> run;
  SimLife* life = nullptr;       // none: the slot is free
  std::uint32_t generation = 1;  // of the slot's use; grows when it is freed
};

// The network counts from the beginning of the world; a capture shows a wall clock.
Tap with_wall_clock(const SimConfig& config) {
  if (!config.tap) return {};
  return [tap = config.tap, start = std::chrono::milliseconds(config.wall_start.milliseconds)](Traffic seen) {
    seen.at += start;
    tap(seen);
  };
}

}  // namespace

struct SimWorld::State {
  class NodeRuntime;
  class SimTimer;

  explicit State(const SimConfig& the_config)
      : config(the_config),
        network(scheduler, the_config.network, the_config.seed, with_wall_clock(the_config)),
        journal(the_config.journal_capacity) {}

  bool next();

  std::uint32_t add_task(SimLife& life, Time at, std::function<void()> run);
  void free_task(std::uint32_t slot);
  bool run_task(const SimEvent& event);
  void cancel(std::uint32_t slot, std::uint32_t generation);

  void end_of_event();
  void bury_the_dead();

  void die(NodeId id, Event death);
  template <class Fault>
  void for_each_direction(NodeId from, NodeId to, Direction direction, Event event, Fault fault);
  void note(Event event, NodeId node, NodeId peer = {});

  const SimConfig config;
  SimScheduler scheduler;
  SimNetwork network;
  Journal journal;

  std::vector<Task> tasks;
  std::vector<std::uint32_t> free_tasks;
  std::size_t void_task_events = 0;  // in the heap, of cancelled tasks

  std::vector<SimLife*> unburied;
  std::vector<std::function<void()>> hooks;
  bool in_hooks = false;
  std::uint64_t events = 0;
};

class SimWorld::State::SimTimer final : public Timer {
 public:
  SimTimer(State& world, std::uint32_t slot, std::uint32_t generation) : world_(world), slot_(slot), generation_(generation) {}
  ~SimTimer() override { world_.cancel(slot_, generation_); }
  SimTimer(const SimTimer&) = delete;
  SimTimer& operator=(const SimTimer&) = delete;

 private:
  State& world_;
  std::uint32_t slot_;
  std::uint32_t generation_;  // 0, of a dead node, names no task
};

class SimWorld::State::NodeRuntime final : public Runtime {
 public:
  NodeRuntime(State& world, SimLife& life) : world_(world), life_(life) {}

  NodeId node() const override { return life_.node->id; }
  Time now() const override { return world_.scheduler.now(life_); }
  WallTime wall_now() const override {
    const Duration since_start = now().time_since_epoch() + life_.node->wall_skew;
    return {world_.config.wall_start.milliseconds + std::chrono::floor<std::chrono::milliseconds>(since_start).count()};
  }
  // A restarted node must not draw the same numbers again: it would make the same ids.
  Random random(std::string_view purpose) override {
    const std::int64_t key = (std::int64_t{life_.incarnation} << 32) | node().value;
    return Random::stream(world_.config.seed, purpose, key);
  }
  std::unique_ptr<Timer> after(Duration delay, std::function<void()> task) override {
    if (life_.dead) return std::make_unique<SimTimer>(world_, 0, 0);
    const Duration longest = Time::max() - now();
    const std::uint32_t slot =
        world_.add_task(life_, now() + std::min(std::max(delay, Duration::zero()), longest), std::move(task));
    return std::make_unique<SimTimer>(world_, slot, world_.tasks[slot].generation);
  }
  std::unique_ptr<Connection> connect(const Address& address) override { return world_.network.connect(life_, address); }
  std::unique_ptr<Listener> listen(const Address& address, std::function<void(std::unique_ptr<Connection>)> accepted) override {
    return world_.network.listen(life_, address, std::move(accepted));
  }
  // Stamped with the world's time and not with the node's, which may be ahead: the journal is in total order.
  void note(const Entry& entry) override {
    if (life_.dead) return;
    Entry stamped = entry;
    stamped.node = node();
    stamped.at = world_.scheduler.now();
    world_.journal.note(stamped);
  }
  TopicNumber topic_number(std::string_view topic) override { return world_.journal.topic_number(topic); }

 private:
  State& world_;
  SimLife& life_;
};

// Events.

// Lets one event happen; false if it was void.
bool SimWorld::State::next() {
  SimEvent event = scheduler.pop();
  if (event.life != SimScheduler::nobody) {
    SimLife& life = scheduler.life(event.life);
    if (life.dead) return false;
    if (event.kind == SimEventKind::resume) {
      if (!scheduler.take_deferred(life, event)) return false;
    } else if (!scheduler.free(life)) {
      scheduler.defer(life, event);
      return false;
    }
  }
  const bool happened = event.kind == SimEventKind::task ? run_task(event) : network.happen(event);
  if (!happened) return false;
  ++events;
  end_of_event();
  return true;
}

void SimWorld::State::end_of_event() {
  bury_the_dead();
  if (in_hooks || hooks.empty()) return;
  in_hooks = true;
  for (const auto& hook : hooks) hook();
  in_hooks = false;
}

// Objects of the dead are destroyed here and nowhere else: no turn is under way that could be one of theirs.
void SimWorld::State::bury_the_dead() {
  while (!unburied.empty()) {
    SimLife* life = unburied.back();
    unburied.pop_back();
    life->process.reset();
    // A task may own what owns its timer; such a ring ends here.
    for (std::uint32_t slot = 0; slot < tasks.size(); ++slot) {
      if (tasks[slot].life != life) continue;
      const std::function<void()> last = std::move(tasks[slot].run);
      free_task(slot);
    }
  }
  network.sweep();
}

// Tasks.

std::uint32_t SimWorld::State::add_task(SimLife& life, Time at, std::function<void()> run) {
  if (free_tasks.empty()) {
    free_tasks.push_back(static_cast<std::uint32_t>(tasks.size()));
    tasks.emplace_back();
  }
  const std::uint32_t slot = free_tasks.back();
  free_tasks.pop_back();
  Task& task = tasks[slot];
  task.run = std::move(run);
  task.life = &life;
  scheduler.schedule(at, SimEventKind::task, life.index, slot, task.generation);
  return slot;
}

void SimWorld::State::free_task(std::uint32_t slot) {
  tasks[slot].run = nullptr;
  tasks[slot].life = nullptr;
  ++tasks[slot].generation;
  free_tasks.push_back(slot);
}

bool SimWorld::State::run_task(const SimEvent& event) {
  Task& task = tasks[event.subject];
  if (task.generation != event.generation) {
    if (void_task_events > 0) --void_task_events;  // those that were set aside when the heap was purged are not counted
    return false;
  }
  const std::function<void()> run = std::move(task.run);
  SimLife& life = *task.life;
  free_task(event.subject);
  scheduler.turn(life, run);
  return true;
}

// A request's time-out is armed and cancelled for every request, and would stay in the heap for its half minute: once most of the
// heap is void, it is purged.
void SimWorld::State::cancel(std::uint32_t slot, std::uint32_t generation) {
  if (generation == 0 || tasks[slot].generation != generation) return;
  const std::function<void()> last = std::move(tasks[slot].run);  // destroyed when the slot is already free
  free_task(slot);
  ++void_task_events;
  constexpr std::size_t worth_it = 256;
  if (void_task_events < worth_it || void_task_events * 2 < scheduler.scheduled()) return;
  scheduler.purge([this](const SimEvent& event) {
    return event.kind == SimEventKind::task && tasks[event.subject].generation != event.generation;
  });
  void_task_events = 0;
}

// Life and death.

void SimWorld::State::die(NodeId id, Event death) {
  SimNode& node = scheduler.node(id);
  SimLife* life = node.life;
  if (!life) return;
  life->dead = true;
  node.life = nullptr;
  if (death == Event::power_lost) {
    node.powered = false;
    network.power_lost(*life);
  } else {
    network.killed(*life);
  }
  unburied.push_back(life);
  note(death, id);
  if (!scheduler.in_turn()) bury_the_dead();
}

void SimWorld::State::note(Event event, NodeId node, NodeId peer) {
  journal.note({.event = event, .peer = peer, .node = node, .at = scheduler.now()});
}

template <class Fault>
void SimWorld::State::for_each_direction(NodeId from, NodeId to, Direction direction, Event event, Fault fault) {
  if (fault(from, to)) note(event, from, to);
  if (direction == Direction::both && from != to && fault(to, from)) note(event, to, from);
}

SimWorld::SimWorld(SimConfig config) : state_(std::make_unique<State>(config)) {}

SimWorld::~SimWorld() {
  for (const auto& life : state_->scheduler.lives()) {
    if (life->dead) continue;
    life->dead = true;
    life->node->life = nullptr;
    state_->network.killed(*life);
    state_->unburied.push_back(life.get());
  }
  state_->bury_the_dead();
}

Result<Address, std::string> SimWorld::reserve(NodeId node, std::uint16_t port) {
  return state_->network.reserve(state_->scheduler.node(node), port);
}

void SimWorld::start(NodeId id, Boot boot) {
  SimNode& node = state_->scheduler.node(id);
  CHECK(!node.life);
  SimLife& life = state_->scheduler.begin_life(node);
  life.runtime = std::make_unique<State::NodeRuntime>(*state_, life);
  if (!std::exchange(node.powered, true)) state_->network.powered_on(node);
  state_->note(Event::started, id);
  if (life.dead) return;  // whoever heard of the start ended it
  auto first_turn = [&life, boot = std::move(boot)] {
    life.booted = true;
    life.process = boot(*life.runtime);
  };
  // Inside a turn, even of the life that this one replaces, the node boots after it; and paused at its start, when it is resumed.
  if (state_->scheduler.in_turn() || life.paused) {
    state_->add_task(life, state_->scheduler.now(), std::move(first_turn));
  } else {
    state_->scheduler.turn(life, first_turn);
    state_->end_of_event();
  }
}

bool SimWorld::alive(NodeId node) const { return state_->scheduler.node(node).life != nullptr; }

void SimWorld::kill(NodeId node) { state_->die(node, Event::killed); }

void SimWorld::power_off(NodeId node) { state_->die(node, Event::power_lost); }

void SimWorld::pause(NodeId node) {
  SimLife* life = state_->scheduler.node(node).life;
  if (!life || life->paused) return;
  life->paused = true;
  state_->note(Event::paused, node);
}

void SimWorld::resume(NodeId node) {
  SimLife* life = state_->scheduler.node(node).life;
  if (!life || !life->paused) return;
  state_->scheduler.resume(*life);
  state_->network.resumed(*life);
  state_->note(Event::resumed, node);
}

void SimWorld::cut(NodeId from, NodeId to, Direction direction) {
  state_->for_each_direction(from, to, direction, Event::cut, [&](NodeId a, NodeId b) { return state_->network.cut(a, b); });
}

void SimWorld::stall(NodeId from, NodeId to, Direction direction) {
  state_->for_each_direction(from, to, direction, Event::stalled,
                             [&](NodeId a, NodeId b) { return state_->network.stall(a, b); });
}

void SimWorld::slow(NodeId from, NodeId to, Direction direction, Slowness slowness) {
  state_->for_each_direction(from, to, direction, Event::slowed,
                             [&](NodeId a, NodeId b) { return state_->network.slow(a, b, slowness); });
}

void SimWorld::heal(NodeId from, NodeId to, Direction direction) {
  state_->for_each_direction(from, to, direction, Event::healed, [&](NodeId a, NodeId b) { return state_->network.heal(a, b); });
}

void SimWorld::reset(NodeId from, NodeId to) {
  state_->network.reset(from, to);
  state_->note(Event::reset, from, to);
}

bool SimWorld::ask(NodeId node, std::function<void()> task) {
  CHECK(!state_->scheduler.in_turn());
  SimLife* life = state_->scheduler.node(node).life;
  const auto waits = [&] { return life && !life->dead && (!life->booted || life->paused); };
  while (waits() && step()) continue;
  if (!life || life->dead || waits()) return false;
  state_->scheduler.turn(*life, task);
  state_->end_of_event();
  return true;
}

void SimWorld::jump_clock(NodeId node, Duration by) {
  state_->scheduler.node(node).wall_skew += by;
  state_->journal.note({.event = Event::clock_jumped, .pause = by, .node = node, .at = state_->scheduler.now()});
}

// There is one thread, so nobody else is at the machine.
void SimWorld::on_machine(NodeId, std::function<void()> action) { action(); }

void SimWorld::post(NodeId node, std::function<void()> task) {
  SimLife* life = state_->scheduler.node(node).life;
  if (life) state_->add_task(*life, state_->scheduler.now(), std::move(task));
}

Time SimWorld::now() const { return state_->scheduler.now(); }

bool SimWorld::run_until(const std::function<bool()>& done, Time limit) {
  CHECK(!state_->scheduler.in_turn());
  if (done()) return true;
  while (!state_->scheduler.idle() && state_->scheduler.next_time() <= limit) {
    if (state_->next() && done()) return true;
  }
  state_->scheduler.advance_to(limit);
  return done();
}

const Journal& SimWorld::journal() { return state_->journal; }

void SimWorld::subscribe(Journal::Listener listener) { state_->journal.subscribe(std::move(listener)); }

bool SimWorld::step() {
  CHECK(!state_->scheduler.in_turn());
  while (!state_->scheduler.idle()) {
    if (state_->next()) return true;
  }
  return false;
}

std::uint64_t SimWorld::events() const { return state_->events; }

void SimWorld::at_end_of_event(std::function<void()> hook) { state_->hooks.push_back(std::move(hook)); }

void SimWorld::spend(NodeId node, Duration duration) {
  SimLife* life = state_->scheduler.node(node).life;
  if (life && duration > Duration::zero()) life->busy_until = state_->scheduler.now(*life) + duration;
}

void SimWorld::shape_link(NodeId from, NodeId to, LinkShape shape) { state_->network.shape(from, to, shape); }

}  // namespace acklab::protocol
