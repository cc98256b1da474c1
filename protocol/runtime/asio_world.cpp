#include "protocol/runtime/asio_world.h"

#include <algorithm>
#include <chrono>
#include <map>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "protocol/check.h"
#include "protocol/runtime/asio_node.h"

namespace acklab::protocol {
namespace {

// So often run_until() looks whether it is done.
constexpr std::chrono::milliseconds look_every{2};

}  // namespace

struct AsioWorld::State {
  explicit State(AsioConfig config) : commons(std::move(config)) {
    commons.power_back = [this](NodeId node) {
      for (AsioNode* other : all()) other->act([other, node] { other->peer_is_back(node); });
    };
  }

  // A node comes into being when it is first spoken of.
  AsioNode& node(NodeId id) {
    CHECK(!id.is_stranger());
    const std::lock_guard lock(mutex);
    std::unique_ptr<AsioNode>& node = nodes[id];
    if (!node) node = std::make_unique<AsioNode>(commons, thread_for(id), id);
    return *node;
  }
  // Under the lock, when the node has its place in the map.
  AsioThread& thread_for(NodeId id) {
    const std::size_t earlier = nodes.size() - 1;
    const auto most = static_cast<std::size_t>(commons.config.threads);
    if (threads.size() < most) threads.push_back(std::make_unique<AsioThread>(to_string(id)));
    return *threads[earlier % most];
  }
  AsioNode* find(NodeId id) {
    const std::lock_guard lock(mutex);
    const auto found = nodes.find(id);
    return found == nodes.end() ? nullptr : found->second.get();
  }
  std::vector<AsioNode*> all() {
    const std::lock_guard lock(mutex);
    std::vector<AsioNode*> result;
    for (const auto& [id, node] : nodes) result.push_back(node.get());
    return result;
  }

  // The sender's end comes first, and notes it. A stranger has no end of its own.
  void link_event(Event event, NodeId from, NodeId to, Slowness slowness) {
    at_end(from, [=](AsioNode& sender) { sender.link_event(event, LinkEnd::sender, to, slowness); });
    at_end(to, [=](AsioNode& receiver) { receiver.link_event(event, LinkEnd::receiver, from, slowness); });
  }
  template <class Action>
  void at_end(NodeId id, Action action) {
    if (id.is_stranger()) return;
    AsioNode& end = node(id);
    end.act([&end, action] { action(end); });
  }
  void link_event(Event event, NodeId from, NodeId to, Direction direction, Slowness slowness = {}) {
    link_event(event, from, to, slowness);
    if (direction == Direction::both) link_event(event, to, from, slowness);
  }

  AsioCommons commons;
  AsioJournal journal;
  std::mutex mutex;  // guards the map; a node stays where it is until the world ends
  std::map<NodeId, std::unique_ptr<AsioNode>> nodes;
  std::vector<std::unique_ptr<AsioThread>> threads;  // go before the nodes, of which something may still be queued
};

AsioWorld::AsioWorld(AsioConfig config) : state_(std::make_unique<State>(std::move(config))) {
  CHECK(state_->commons.config.threads > 0);
}

AsioWorld::~AsioWorld() {
  CHECK(!AsioNode::on_a_node());
  for (AsioNode* node : state_->all()) node->die(Death::kill);
  for (AsioNode* node : state_->all()) node->shut_down();
  for (const auto& thread : state_->threads) thread->stop();
}

Result<Address, std::string> AsioWorld::reserve(NodeId id, std::uint16_t port) {
  const std::string& host = state_->commons.config.host;
  Result<ReservedPort, std::string> reserved = ReservedPort::take(host, port);
  if (!reserved) return failure(reserved.error());
  const Address address{host, reserved->port()};
  AsioNode& node = state_->node(id);
  state_->commons.directory.listens(address.port, id);
  node.reserve(std::move(*reserved));
  return address;
}

void AsioWorld::start(NodeId node, Boot boot) { state_->node(node).start(std::move(boot)); }

bool AsioWorld::alive(NodeId id) const {
  const AsioNode* node = state_->find(id);
  return node != nullptr && node->alive();
}

void AsioWorld::kill(NodeId id) {
  if (AsioNode* node = state_->find(id)) node->die(Death::kill);
}

void AsioWorld::power_off(NodeId id) {
  if (AsioNode* node = state_->find(id)) node->die(Death::power_loss);
}

void AsioWorld::pause(NodeId id) {
  if (AsioNode* node = state_->find(id)) node->act([node] { node->pause(); });
}

void AsioWorld::resume(NodeId id) {
  if (AsioNode* node = state_->find(id)) node->act([node] { node->resume(); });
}

void AsioWorld::jump_clock(NodeId id, Duration by) {
  if (AsioNode* node = state_->find(id)) node->act([node, by] { node->jump_clock(by); });
}

void AsioWorld::on_machine(NodeId id, std::function<void()> action) {
  if (AsioNode* node = state_->find(id)) node->act(std::move(action));
}

void AsioWorld::cut(NodeId from, NodeId to, Direction direction) { state_->link_event(Event::cut, from, to, direction); }

void AsioWorld::stall(NodeId from, NodeId to, Direction direction) { state_->link_event(Event::stalled, from, to, direction); }

void AsioWorld::slow(NodeId from, NodeId to, Direction direction, Slowness slowness) {
  state_->link_event(Event::slowed, from, to, direction, slowness);
}

void AsioWorld::heal(NodeId from, NodeId to, Direction direction) { state_->link_event(Event::healed, from, to, direction); }

void AsioWorld::reset(NodeId from, NodeId to) {
  state_->at_end(from, [=](AsioNode& one) { one.reset_streams(to, LinkEnd::sender); });
  state_->at_end(to, [=](AsioNode& other) { other.reset_streams(from, LinkEnd::receiver); });
}

bool AsioWorld::ask(NodeId id, std::function<void()> task) {
  AsioNode* node = state_->find(id);
  return node != nullptr && node->ask(std::move(task));
}

void AsioWorld::post(NodeId id, std::function<void()> task) {
  if (AsioNode* node = state_->find(id)) node->post(std::move(task));
}

Time AsioWorld::now() const { return state_->commons.now(); }

bool AsioWorld::run_until(const std::function<bool()>& done, Time limit) {
  CHECK(!AsioNode::on_a_node());
  while (true) {
    if (done()) return true;
    const Duration left = limit - now();
    if (left <= Duration::zero()) return false;
    std::this_thread::sleep_for(std::min<Duration>(left, look_every));
  }
}

const Journal& AsioWorld::journal() {
  CHECK(!AsioNode::on_a_node());
  std::vector<AsioJournalPart*> parts;
  for (AsioNode* node : state_->all()) parts.push_back(&node->journal());
  state_->journal.merge(parts, now());
  return state_->journal.whole();
}

void AsioWorld::subscribe(Journal::Listener listener) { state_->commons.listeners.add(std::move(listener)); }

}  // namespace acklab::protocol
