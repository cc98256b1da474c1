#include "broker/controller/election.h"

#include <algorithm>
#include <utility>

namespace acklab::broker {

namespace {

bool contains(const std::vector<BrokerId>& brokers, BrokerId broker) {
  return std::find(brokers.begin(), brokers.end(), broker) != brokers.end();
}

void elect(PartitionState& state, const Usable& usable) {
  state.leader = choose_leader(state, usable);
  state.leader_epoch = state.leader_epoch.next();
}

}  // namespace

std::optional<PartitionState> new_partition(std::vector<BrokerId> replicas, const Usable& usable) {
  PartitionState state;
  state.replicas = std::move(replicas);
  std::copy_if(state.replicas.begin(), state.replicas.end(), std::back_inserter(state.isr), usable);
  std::sort(state.isr.begin(), state.isr.end());
  if (state.isr.empty()) return std::nullopt;
  elect(state, usable);
  state.partition_epoch = {0};
  return state;
}

BrokerId choose_leader(const PartitionState& state, const Usable& usable) {
  for (const BrokerId replica : state.replicas) {
    if (contains(state.isr, replica) && usable(replica)) return replica;
  }
  return {};
}

std::optional<PartitionState> after_fencing(const PartitionState& state, BrokerId broker, const Usable& usable) {
  PartitionState next = state;
  if (next.isr.size() > 1) std::erase(next.isr, broker);
  if (state.leader == broker) elect(next, usable);
  if (next == state) return std::nullopt;
  next.partition_epoch = next.partition_epoch.next();
  return next;
}

std::optional<PartitionState> after_unfencing(const PartitionState& state, const Usable& usable) {
  if (state.leader.known() || !choose_leader(state, usable).known()) return std::nullopt;
  PartitionState next = state;
  elect(next, usable);
  next.partition_epoch = next.partition_epoch.next();
  return next;
}

}  // namespace acklab::broker
