#include "tools/lab/experiment.h"

#include <chrono>
#include <deque>
#include <set>
#include <stdexcept>
#include <thread>

#include <fmt/format.h>

#include "broker/config_description.h"
#include "protocol/runtime/asio_world.h"
#include "protocol/runtime/sim_world.h"
#include "tools/lab/admin.h"
#include "tools/lab/checker.h"
#include "tools/lab/convergence.h"
#include "tools/lab/explain.h"
#include "tools/lab/invariants.h"
#include "tools/lab/last_reader.h"
#include "tools/lab/or_reject.h"
#include "tools/lab/promise.h"
#include "tools/lab/workload.h"

namespace acklab::lab {

using broker::Cluster;
using broker::FaultEngine;
using broker::Target;
using broker::Verb;
using protocol::Duration;
using protocol::Entry;
using protocol::Event;
using protocol::NodeId;
using protocol::Result;
using protocol::TopicPartition;
using protocol::World;

namespace {

// The clients of an experiment, each a node.
constexpr NodeId director_node = NodeId::client(0);
constexpr NodeId admin_node = NodeId::client(1);
constexpr NodeId reader_node = NodeId::client(2);
constexpr std::int32_t first_producer = 3;

constexpr Duration start_limit = std::chrono::seconds(60);
constexpr Duration settle_limit = std::chrono::seconds(130);  // Kafka's delivery.timeout.ms is 120 s
constexpr Duration rest_limit = std::chrono::seconds(60);
constexpr Duration read_limit = std::chrono::seconds(30);

[[noreturn]] void reject(const std::string& line) { throw std::invalid_argument(line); }

// Owns a client object for the life of its node.
template <class T>
class Holder final : public protocol::Process {
 public:
  explicit Holder(std::unique_ptr<T> value) : value_(std::move(value)) {}
  T& value() { return *value_; }

 private:
  std::unique_ptr<T> value_;
};

}  // namespace

struct Experiment::State {
  State(WorldKind world_kind, ExperimentConfig experiment)
      : kind(world_kind), config(std::move(experiment)), began(std::chrono::steady_clock::now()), convergence(config.brokers) {
    if (config.brokers < 1 || config.brokers > 64) reject("brokers: must be between 1 and 64");
    era = config.era.empty() ? protocol::newest_era() : or_reject(protocol::era_of(config.era));
    if (kind == WorldKind::sim) {
      protocol::SimConfig options;
      options.seed = config.seed;
      options.tap = config.tap;
      auto simulated = std::make_unique<protocol::SimWorld>(options);
      sim = simulated.get();
      world = std::move(simulated);
    } else {
      protocol::AsioConfig options;
      options.seed = config.seed;
      options.tap = config.tap;
      world = std::make_unique<protocol::AsioWorld>(options);
    }
    if (config.listener) world->subscribe(config.listener);
    world->subscribe([this](const Entry& entry, std::string_view topic) {
      convergence.observe(entry, topic);
      if (entry.event == Event::killed || entry.event == Event::power_lost) died = true;
      if (sim && config.watch == Watch::invariants) invariants.observe(entry, topic);
    });
    engine = std::make_unique<FaultEngine>(*world, director_node);
    if (config.bootstrap.empty()) start_cluster();
  }

  ~State() {
    engine->disarm();
    if (cluster) cluster->stop();
  }

  void start_cluster() {
    broker::ClusterConfig options;
    options.brokers = config.brokers;
    options.port = 0;
    options.set = config.set;
    options.era = era;
    if (config.set.contains("producer.id.expiration.ms")) invariants.expect_forgotten_producers();
    options.seed = config.seed;
    options.request_hook = engine->request_hook();
    options.spend = [this](NodeId node, Duration time) { sim ? sim->spend(node, time) : std::this_thread::sleep_for(time); };
    cluster = std::make_unique<Cluster>(*world, std::move(options));
    engine->attach(cluster->hands());
    or_reject(cluster->start());
    if (!world->run_until([this] { return convergence.all_usable(); }, world->now() + start_limit))
      reject("the cluster did not start");
  }

  WorldKind kind;
  ExperimentConfig config;
  protocol::Era era;
  std::chrono::steady_clock::time_point began;
  std::int64_t experiment_number = std::chrono::system_clock::now().time_since_epoch() / std::chrono::milliseconds(1);
  Convergence convergence;
  Invariants invariants;
  std::deque<Ledger> ledgers;
  std::vector<std::string> topics;
  std::set<std::string> compacted;  // of these, by the names that the experiment has for them
  LastRead read;
  std::atomic<bool> finished{false};
  std::atomic<bool> died{false};  // a node, since this was last cleared
  // Order matters: nodes die with the world, before what their journals tell.
  std::unique_ptr<FaultEngine> engine;
  std::unique_ptr<World> world;
  protocol::SimWorld* sim = nullptr;
  std::unique_ptr<Cluster> cluster;

  const std::vector<protocol::Address>& bootstrap() const { return cluster ? cluster->bootstrap() : config.bootstrap; }

  // What a topic is called on the cluster.
  std::string name_on_cluster(const std::string& topic) const {
    return cluster ? topic : fmt::format("{}-{:08x}", topic, static_cast<std::uint32_t>(experiment_number));
  }

  // Whoever is dead is started again, and whoever dies meanwhile: a controlled shutdown that was ordered before may end now.
  bool run_with_all_alive(const std::function<bool()>& done, protocol::Time limit) {
    if (!cluster) return world->run_until(done, limit);
    while (true) {
      died = false;
      restart_the_dead();
      if (world->run_until([&] { return died || done(); }, limit) && !died) return true;
      if (!died) return false;
    }
  }

  void restart_the_dead() {
    cluster->restart(NodeId::controller());
    for (const protocol::BrokerId id : cluster->brokers()) cluster->restart(NodeId::broker(id));
  }

  void perform(Verb verb, const std::string& text) {
    broker::Fault fault;
    fault.verb = verb;
    fault.target = or_reject(Target::parse(text));
    or_reject(engine->perform(fault));
  }
  void perform_on_link(Verb verb, const std::string& from, const std::string& to) {
    broker::Fault fault;
    fault.verb = verb;
    fault.link.from = or_reject(Target::parse(from));
    fault.link.to = or_reject(Target::parse(to));
    or_reject(engine->perform(fault));
  }

  // Puts the first finding of each kind into words.
  void tell(Verdict& verdict) {
    std::set<Anomaly> told;
    for (Finding& finding : verdict.findings) {
      if (!told.insert(finding.anomaly).second) continue;
      for (const Ledger& ledger : ledgers) {
        const std::int64_t place = finding.record - ledger.first_record;
        if (place < 0 || place >= static_cast<std::int64_t>(ledger.sends.size())) continue;
        finding.story = explain(world->journal(), finding, ledger.sends[static_cast<std::size_t>(place)]);
      }
    }
  }

  void stop_producers() {
    for (std::size_t i = 0; i < ledgers.size(); ++i) world->kill(NodeId::client(first_producer + static_cast<std::int32_t>(i)));
  }

  bool settled() const {
    for (std::size_t i = 0; i < ledgers.size(); ++i) {
      const NodeId node = NodeId::client(first_producer + static_cast<std::int32_t>(i));
      if (ledgers[i].settled.load(std::memory_order_acquire) < ledgers[i].planned && world->alive(node)) return false;
    }
    return true;
  }
};

Experiment::Experiment(WorldKind world, ExperimentConfig config) : state_(std::make_unique<State>(world, std::move(config))) {}

Experiment::~Experiment() = default;

void Experiment::create_topic(const std::string& name, const TopicOptions& options) {
  std::atomic<bool> done{false};
  std::string error;
  State& state = *state_;
  NewTopic topic{state.name_on_cluster(name), options.partitions, options.replicas, options.set, !state.cluster};
  state.convergence.expect(name, options.partitions, options.replicas);
  state.invariants.set_min_insync_replicas(name, min_insync_replicas(options.set, state.config.set, options.replicas));
  state.world->start(admin_node, [&](protocol::Runtime& runtime) {
    auto holder = std::make_unique<Holder<Admin>>(std::make_unique<Admin>(runtime, state.bootstrap()));
    holder->value().create(topic, [&](Result<void, std::string> result) {
      if (!result) error = result.error();
      done = true;
    });
    return holder;
  });
  const bool reached = state.world->run_until([&] { return done.load(); }, state.world->now() + start_limit);
  state.world->kill(admin_node);
  if (!reached) reject("topic " + name + " could not be created in time");
  if (!error.empty()) reject(error);
  if (state.cluster) state.world->run_until([&] { return state.convergence.reached(); }, state.world->now() + start_limit);
  state.topics.push_back(topic.name);
  if (broker::altered({}, state.config.set).of_topic(options.set).cleanup_policy.compacts) state.compacted.insert(name);
}

void Experiment::produce(const std::string& topic, ProduceOptions options) {
  State& state = *state_;
  const auto index = static_cast<std::int32_t>(state.ledgers.size());
  const NodeId node = NodeId::client(first_producer + index);
  WorkloadConfig workload;
  if (!options.set.contains("client.id")) options.set["client.id"] = "producer-" + std::to_string(index);
  workload.producer = or_reject(producer::ProducerConfig::from(options.set, state.era));
  workload.topic = state.name_on_cluster(topic);
  workload.records = options.records;
  workload.rate = options.rate;
  workload.keys = options.keys;
  workload.resend = options.resend;
  workload.copies = options.copies;
  workload.values = options.lines.empty() ? Values::generated(state.config.seed)
                                          : Values::lines(std::make_shared<std::vector<std::string>>(std::move(options.lines)));
  std::int64_t first_record = 0;
  for (const Ledger& other : state.ledgers) first_record += other.planned;
  Ledger& ledger = state.ledgers.emplace_back();
  ledger.topic = workload.topic;
  ledger.client_id = workload.producer.client_id;
  ledger.acks = workload.producer.acks;
  if (state.compacted.contains(topic)) ledger.compacted_keys = options.keys;
  ledger.first_record = first_record;
  ledger.planned = options.records;
  state.engine->name_client(ledger.client_id, node);
  if (ledger.acks == protocol::Acks::none) state.invariants.expect_no_answers(node);
  state.world->start(node, [&state, &ledger, workload](protocol::Runtime& runtime) {
    return std::make_unique<Workload>(runtime, state.bootstrap(), workload, ledger);
  });
}

bool Experiment::run_until_acked(std::int64_t records, Duration limit) {
  return state_->world->run_until(
      [this, records] {
        std::int64_t acked = 0;
        for (const Ledger& ledger : state_->ledgers) acked += ledger.acked.load(std::memory_order_relaxed);
        return acked >= records;
      },
      state_->world->now() + limit);
}

bool Experiment::run_until_settled(Duration limit) {
  return state_->world->run_until([this] { return state_->settled(); }, state_->world->now() + limit);
}

void Experiment::run_for(Duration duration) { state_->world->run_for(duration); }

void Experiment::kill(const std::string& target) { state_->perform(Verb::kill, target); }
void Experiment::power_loss(const std::string& target) { state_->perform(Verb::power_loss, target); }
void Experiment::pause(const std::string& target) { state_->perform(Verb::pause, target); }
void Experiment::resume(const std::string& target) { state_->perform(Verb::resume, target); }
void Experiment::shut_down(const std::string& target) { state_->perform(Verb::controlled_shutdown, target); }
void Experiment::elect(protocol::Election election, const std::string& partition) {
  state_->perform(election == protocol::Election::preferred ? Verb::preferred_election : Verb::unclean_election, partition);
}
void Experiment::restart(const std::string& target) { state_->perform(Verb::restart, target); }
void Experiment::cut(const std::string& from, const std::string& to) { state_->perform_on_link(Verb::cut, from, to); }
void Experiment::stall(const std::string& from, const std::string& to) { state_->perform_on_link(Verb::stall, from, to); }
void Experiment::heal() { state_->engine->heal_all(); }

void Experiment::perform(const broker::Fault& fault) { or_reject(state_->engine->perform(fault)); }

void Experiment::plan(broker::FaultPlan plan) {
  if (!state_->cluster && !plan.empty())
    reject("faults can only be planned in a cluster of our own, not in one that runs already");
  or_reject(state_->engine->arm(std::move(plan)));
}

Verdict Experiment::check(Tell tell) {
  State& state = *state_;
  World& world = *state.world;
  state.engine->disarm();
  state.engine->heal_all();
  // Every send ends by its delivery time-out at the latest. What is open after this limit counts as unknown.
  const bool settled = state.run_with_all_alive([&] { return state.settled(); }, world.now() + settle_limit);
  // Who goes on sending would keep the cluster from its rest.
  if (!settled) state.stop_producers();
  const bool at_rest =
      !state.cluster || state.run_with_all_alive([&] { return state.convergence.all_usable() && state.convergence.reached(); },
                                                 world.now() + rest_limit);

  if (!state.topics.empty()) {
    world.start(reader_node, [&state](protocol::Runtime& runtime) {
      return std::make_unique<LastReader>(runtime, state.bootstrap(), state.topics, state.read, state.finished);
    });
    world.run_until([&] { return state.finished.load(); }, world.now() + read_limit);
    world.kill(reader_node);
  }
  // Their threads are done with the ledgers once their nodes are dead.
  state.stop_producers();

  Verdict verdict = lab::check(state.ledgers, state.read);
  if (tell == Tell::first_of_each_anomaly) state.tell(verdict);
  for (const Invariants::Violation& violation : state.invariants.violations()) {
    verdict.findings.push_back({Anomaly::broken_invariant, -1, violation.partition, violation.offset, violation.what, {}});
  }
  for (const FaultEngine::Status& status : state.engine->status())
    verdict.faults.push_back({status.fault.id, status.planned, status.fired});
  verdict.settled = settled;
  verdict.at_rest = at_rest;
  verdict.virtual_time = world.now().time_since_epoch();
  verdict.invariants_checked = state.invariants.checked();
  if (state.sim) {
    verdict.trace_hash = state.sim->journal().trace_hash();
    verdict.events = state.sim->events();
  }
  verdict.wall_ms = std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - state.began).count();
  return verdict;
}

World& Experiment::world() { return *state_->world; }
Cluster& Experiment::cluster() {
  CHECK(state_->cluster);
  return *state_->cluster;
}
FaultEngine& Experiment::faults() { return *state_->engine; }

}  // namespace acklab::lab
