#include "broker/faults/targets.h"

#include <algorithm>

namespace acklab::broker {

using protocol::Entry;
using protocol::NodeId;

bool Targets::name_client(std::string_view client_id, NodeId node) {
  auto found = clients_.find(client_id);
  if (found == clients_.end()) {
    if (clients_.size() == max_client_ids) return false;
    found = clients_.emplace(client_id, std::deque<NodeId>{}).first;
  }
  std::deque<NodeId>& nodes = found->second;
  if (std::find(nodes.rbegin(), nodes.rend(), node) != nodes.rend()) return false;
  if (nodes.size() == max_connections_per_client) nodes.pop_front();
  nodes.push_back(node);
  return true;
}

std::vector<NodeId> Targets::resolve(const Target& target) const {
  switch (target.kind) {
    case Target::Kind::none:
      return {};
    case Target::Kind::broker:
      return {NodeId::broker(target.broker)};
    case Target::Kind::controller:
      return {NodeId::controller()};
    case Target::Kind::client: {
      const auto found = clients_.find(target.client);
      if (found == clients_.end()) return {};
      return {found->second.begin(), found->second.end()};
    }
    case Target::Kind::leader:
    case Target::Kind::partition: {
      const ClusterView::Partition* partition = view_.find(target.partition);
      return partition && partition->leader.known() ? std::vector<NodeId>{partition->leader} : std::vector<NodeId>{};
    }
    case Target::Kind::followers: {
      std::vector<NodeId> nodes;
      if (const ClusterView::Partition* partition = view_.find(target.partition)) {
        for (std::int32_t id = 0; id < 64; ++id) {
          const NodeId node = NodeId::broker({id});
          if (partition->replicas.contains({id}) && node != partition->leader) nodes.push_back(node);
        }
      }
      return nodes;
    }
    case Target::Kind::killed:
      return {view_.dead().begin(), view_.dead().end()};
    case Target::Kind::paused:
      return {view_.paused().begin(), view_.paused().end()};
    case Target::Kind::all:
      return {view_.usable_brokers().begin(), view_.usable_brokers().end()};
  }
  return {};
}

std::vector<Targets::Link> Targets::resolve(const LinkTarget& link) const {
  std::vector<Link> links;
  const std::vector<NodeId> ends = resolve(link.to);
  for (const NodeId from : resolve(link.from)) {
    for (const NodeId to : ends) {
      if (from != to) links.push_back({from, to});
    }
  }
  return links;
}

bool Targets::means(const Target& target, NodeId node) const {
  const std::vector<NodeId> nodes = resolve(target);
  return std::find(nodes.begin(), nodes.end(), node) != nodes.end();
}

bool Targets::strikes(Verb verb, NodeId node) const {
  if (node.is_stranger()) return false;  // its process is not ours
  const bool dead = view_.dead().contains(node);
  const bool paused = view_.paused().contains(node);
  switch (verb) {
    case Verb::restart:
      return dead && !node.is_client();
    case Verb::pause:
      return !dead && !paused;
    case Verb::resume:
      return !dead && paused;
    case Verb::controlled_shutdown:
    case Verb::corrupt:
      return !dead && node.is_broker();
    case Verb::mend_disk:
      return !node.is_client();
    default:
      return !dead;
  }
}

bool Targets::strikes(const Fault& fault) const {
  switch (kind(fault.verb)) {
    case VerbKind::link:
      return fault.verb == Verb::heal || !resolve(fault.link).empty();
    case VerbKind::partition:
      return view_.find(fault.target.partition) != nullptr && !view_.dead().contains(NodeId::controller());
    case VerbKind::node:
    case VerbKind::disk:
      break;
    case VerbKind::request:
    case VerbKind::nothing:
      return true;
  }
  const std::vector<NodeId> nodes = resolve(fault.target);
  return std::any_of(nodes.begin(), nodes.end(), [&](NodeId node) { return strikes(fault.verb, node); });
}

bool Targets::emitted_by(const Target& at, const Entry& entry, std::string_view topic) const {
  if (at.kind == Target::Kind::none) return true;
  if (at.kind == Target::Kind::leader || at.kind == Target::Kind::followers) {
    if (entry.partition != at.partition.partition || topic != at.partition.topic) return false;
  }
  return means(at, entry.node);
}

}  // namespace acklab::broker
