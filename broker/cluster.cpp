#include "broker/cluster.h"

#include <fmt/format.h>

#include <map>
#include <utility>

#include "broker/broker.h"
#include "broker/cluster_id.h"
#include "broker/controller/controller.h"
#include "broker/dispatch.h"
#include "storage/bit_rot.h"
#include "storage/meta_properties.h"
#include "storage/real_disk.h"

namespace acklab::broker {

using protocol::Address;
using protocol::BrokerId;
using protocol::Entry;
using protocol::Event;
using protocol::failure;
using protocol::NodeId;
using protocol::Random;

namespace {

constexpr int max_brokers = 64;  // a journal entry holds a set of brokers as bits

// One node with its disk, which outlives its lives. Touched on the node's own turns only.
struct Member {
  NodeId node;
  Address address;
  std::unique_ptr<storage::SimDisk> in_memory;  // either this
  std::unique_ptr<storage::RealDisk> on_disk;   // or that
  std::string directory = "/memory";            // of the disk, as people see it
  Controller* controller = nullptr;             // what lives there now is one of these two
  Broker* broker = nullptr;
  protocol::Runtime* runtime = nullptr;    // of its latest life
  std::unique_ptr<BrokerMetrics> metrics;  // of a broker
  Random rot{0};                           // draws what rots
  int lives = 0;
  int deaths = 0;

  storage::Disk& disk() { return in_memory ? static_cast<storage::Disk&>(*in_memory) : *on_disk; }
};

}  // namespace

struct Cluster::State {
  State(protocol::World& w, ClusterConfig c) : world(w), config(std::move(c)) {}

  protocol::World& world;
  ClusterConfig config;
  BrokerConfig broker_config;
  std::map<NodeId, Member> members;  // does not change after start()
  std::vector<Address> bootstrap;
  ControllerMetrics controller_metrics;

  Result<void, std::string> add(NodeId node, std::uint16_t port);
  Result<void, std::string> make_disk(Member& member) const;
  protocol::World::Boot boot(Member& member);
  std::unique_ptr<Controller> controller(const Member& member, protocol::Runtime& runtime, storage::Disk& disk);
  std::unique_ptr<Broker> broker(const Member& member, protocol::Runtime& runtime, storage::Disk& disk) const;
  std::function<void(std::string)> halted(NodeId node) const;
  void observe(const Entry& entry);
  void break_disk(Member& member, const Fault& fault);
  static void rot(Member& member, const protocol::TopicPartition& partition);
};

Result<void, std::string> Cluster::State::make_disk(Member& member) const {
  if (config.data_dir.empty()) {
    member.in_memory = std::make_unique<storage::SimDisk>(Random::stream(config.seed, "disk", member.node.value));
    member.rot = Random::stream(config.seed, "rot", member.node.value);
    if (config.spend) {
      member.in_memory->on_spend([this, node = member.node](protocol::Duration time) { config.spend(node, time); },
                                 {.flush = config.flush_time});
    }
    return {};
  }
  const std::string name = member.node.is_controller() ? "controller" : fmt::format("broker-{}", member.node.value);
  member.directory = config.data_dir + "/" + name;
  member.on_disk = std::make_unique<storage::RealDisk>(member.directory);
  if (const auto locked = member.on_disk->lock(); !locked) return failure(locked.error().what);
  Random random = Random::stream(config.seed, "directory id", member.node.value);
  protocol::Uuid id;
  for (std::uint8_t& byte : id.bytes) byte = static_cast<std::uint8_t>(random.below(256));
  const auto claimed = storage::claim_directory(
      *member.on_disk, {.cluster_id = cluster_id, .node_id = member.node.value, .directory_id = to_string(id)});
  if (!claimed) return failure(fmt::format("{} is not ours: {}; choose another directory", member.directory, claimed.error()));
  return {};
}

Result<void, std::string> Cluster::State::add(NodeId node, std::uint16_t port) {
  const auto address = world.reserve(node, port);
  if (!address) return failure(address.error());
  Member& member = members[node];
  member.node = node;
  member.address = *address;
  if (node.is_broker()) member.metrics = std::make_unique<BrokerMetrics>(served_api_keys());
  return make_disk(member);
}

std::function<void(std::string)> Cluster::State::halted(NodeId node) const {
  return [this, node](std::string why) {
    if (config.halted) config.halted(node, std::move(why));
    world.kill(node);
  };
}

std::unique_ptr<Controller> Cluster::State::controller(const Member& member, protocol::Runtime& runtime, storage::Disk& disk) {
  return std::make_unique<Controller>(runtime, disk,
                                      ControllerOptions{.listen = member.address,
                                                        .config = broker_config,
                                                        .era = config.era,
                                                        .halted = halted(member.node),
                                                        .metrics = &controller_metrics});
}

std::unique_ptr<Broker> Cluster::State::broker(const Member& member, protocol::Runtime& runtime, storage::Disk& disk) const {
  std::function<void(std::string)> log;
  if (config.log) {
    log = [write = config.log, node = member.node](std::string line) { write(node, std::move(line)); };
  }
  return std::make_unique<Broker>(runtime, disk,
                                  BrokerOptions{.id = {member.node.value},
                                                .listen = member.address,
                                                .controller = members.at(NodeId::controller()).address,
                                                .config = broker_config,
                                                .era = config.era,
                                                .request_hook = config.request_hook,
                                                .ended = [this, node = member.node] { world.kill(node); },
                                                .halted = halted(member.node),
                                                .log_directory = member.directory,
                                                .metrics = member.metrics.get(),
                                                .log = std::move(log)});
}

protocol::World::Boot Cluster::State::boot(Member& member) {
  return [this, &member](protocol::Runtime& runtime) -> std::unique_ptr<protocol::Process> {
    ++member.lives;
    member.runtime = &runtime;
    // A node that was started again by a listener of its death may be here before we have heard of that death.
    if (member.in_memory && member.deaths + 1 < member.lives) member.in_memory->kill();
    if (member.in_memory) member.in_memory->revive();
    if (member.node.is_controller()) {
      auto process = controller(member, runtime, member.disk());
      member.controller = process.get();
      return process;
    }
    auto process = broker(member, runtime, member.disk());
    member.broker = process.get();
    return process;
  };
}

// A node's death is told in the journal at the moment at which it dies, on its own turn: the place to let its disk die with it.
void Cluster::State::observe(const Entry& entry) {
  if (entry.event != Event::killed && entry.event != Event::power_lost) return;
  const auto found = members.find(entry.node);
  if (found == members.end()) return;
  Member& member = found->second;
  const bool of_this_life = ++member.deaths == member.lives;
  if (!of_this_life || !member.in_memory) return;
  entry.event == Event::killed ? member.in_memory->kill() : member.in_memory->power_loss();
}

void Cluster::State::break_disk(Member& member, const Fault& fault) {
  storage::SimDisk& disk = *member.in_memory;
  using Mishap = storage::SimDisk::Mishap;
  switch (fault.verb) {
    case Verb::disk_full:
      return disk.fill_up(static_cast<std::uint64_t>(fault.room));
    case Verb::slow_disk:
      return disk.slow_down(fault.by.value_or(protocol::Duration::zero()));
    case Verb::fail_flush:
      return disk.go_wrong({.call = Mishap::Call::flush});
    case Verb::tear:
      return disk.go_wrong({.call = Mishap::Call::append, .extent = Mishap::Extent::part, .crash = [this, node = member.node] {
                              world.kill(node);
                            }});
    case Verb::mend_disk:
      return disk.mend();
    default:
      return;
  }
}

void Cluster::State::rot(Member& member, const protocol::TopicPartition& partition) {
  const auto committed = member.broker->high_watermark(partition);
  if (!committed) return;
  const auto batch = storage::rot_a_batch(*member.in_memory, to_string(partition), *committed, member.rot);
  if (!batch) return;
  member.runtime->note({.event = Event::rotted,
                        .topic = member.runtime->topic_number(partition.topic),
                        .partition = partition.partition,
                        .offset = batch->base_offset,
                        .count = batch->records_count});
}

Cluster::Cluster(protocol::World& world, ClusterConfig config) : state_(std::make_shared<State>(world, std::move(config))) {}

Cluster::~Cluster() = default;

Result<void, std::string> Cluster::start() {
  State& state = *state_;
  if (state.config.brokers < 1 || state.config.brokers > max_brokers) {
    return failure(fmt::format("a cluster has 1 to {} brokers, not {}", max_brokers, state.config.brokers));
  }
  state.broker_config = BrokerConfig::defaults(state.config.era);
  for (const auto& [key, value] : state.config.set) {
    if (auto set = state.broker_config.set(key, value); !set) return set;
  }
  if (auto checked = state.broker_config.topics.check(); !checked) return checked;
  // Brokers first: their ports may be given, and the controller takes any that is left.
  for (const BrokerId broker : brokers()) {
    const auto port = state.config.port == 0 ? 0 : state.config.port + broker.value;
    if (port > 65535) return failure(fmt::format("broker {} would listen at port {}", broker.value, port));
    if (auto added = state.add(NodeId::broker(broker), static_cast<std::uint16_t>(port)); !added) return added;
    state.bootstrap.push_back(state.members.at(NodeId::broker(broker)).address);
  }
  if (auto added = state.add(NodeId::controller(), 0); !added) return added;

  // Listeners cannot be taken back, hence the shared state: a world may still speak when the cluster has gone.
  state.world.subscribe([shared = state_](const Entry& entry, std::string_view) { shared->observe(entry); });
  restart(NodeId::controller());
  for (const BrokerId broker : brokers()) restart(NodeId::broker(broker));
  return {};
}

const std::vector<Address>& Cluster::bootstrap() const { return state_->bootstrap; }

std::vector<BrokerId> Cluster::brokers() const {
  std::vector<BrokerId> ids;
  for (int i = 0; i < state_->config.brokers; ++i) ids.push_back({i});
  return ids;
}

void Cluster::kill(NodeId node) {
  if (alive(node)) state_->world.kill(node);
}

void Cluster::power_loss(NodeId node) {
  if (alive(node)) state_->world.power_off(node);
}

void Cluster::restart(NodeId node) {
  if (alive(node)) return;
  const auto found = state_->members.find(node);
  if (found != state_->members.end()) state_->world.start(node, state_->boot(found->second));
}

bool Cluster::alive(NodeId node) const { return state_->world.alive(node); }

// What is posted to a node runs in the life that it was posted in, or not at all: so the process that it finds is alive.
void Cluster::elect(protocol::Election election, const protocol::TopicPartition& partition) {
  Member& member = state_->members.at(NodeId::controller());
  state_->world.post(member.node, [&member, election, partition] { member.controller->elect(election, partition); });
}

void Cluster::shut_down(NodeId node) {
  const auto found = state_->members.find(node);
  if (found == state_->members.end() || !node.is_broker()) return;
  state_->world.post(node, [member = &found->second] { member->broker->shut_down(); });
}

void Cluster::break_disk(NodeId node, const Fault& fault) {
  const auto found = state_->members.find(node);
  if (found == state_->members.end() || !found->second.in_memory) return;
  Member& member = found->second;
  if (fault.verb == Verb::corrupt) {
    if (node.is_broker())
      state_->world.post(node, [&member, partition = fault.target.partition] { State::rot(member, partition); });
  } else {
    state_->world.on_machine(node, [state = state_, &member, fault] { state->break_disk(member, fault); });
  }
}

FaultEngine::Hands Cluster::hands() {
  FaultEngine::Hands hands{
      .kill = [this](NodeId node) { kill(node); },
      .power_loss = [this](NodeId node) { power_loss(node); },
      .restart = [this](NodeId node) { restart(node); },
      .shut_down = [this](NodeId node) { shut_down(node); },
      .elect = [this](protocol::Election election, const protocol::TopicPartition& partition) { elect(election, partition); },
      .break_disk = {}};
  if (state_->config.data_dir.empty()) hands.break_disk = [this](NodeId node, const Fault& fault) { break_disk(node, fault); };
  return hands;
}

void Cluster::close() {
  for (auto& [node, member] : state_->members) {
    if (!node.is_broker() || !alive(node)) continue;
    state_->world.post(node, [&member = member] { member.broker->close(); });
  }
}

void Cluster::stop() {
  for (const auto& [node, member] : state_->members) kill(node);
}

const BrokerMetrics& Cluster::metrics(BrokerId broker) const { return *state_->members.at(NodeId::broker(broker)).metrics; }

const ControllerMetrics& Cluster::controller_metrics() const { return state_->controller_metrics; }

storage::SimDisk& Cluster::disk(NodeId node) {
  const auto found = state_->members.find(node);
  CHECK(found != state_->members.end() && found->second.in_memory);
  return *found->second.in_memory;
}

}  // namespace acklab::broker
