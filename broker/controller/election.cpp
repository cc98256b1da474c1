#include "broker/controller/election.h"

#include <algorithm>
#include <utility>

namespace acklab::broker {

using protocol::ErrorCode;
using protocol::failure;

namespace {

bool contains(const std::vector<BrokerId>& brokers, BrokerId broker) {
  return std::find(brokers.begin(), brokers.end(), broker) != brokers.end();
}

void elect(PartitionState& state, const Usable& usable, UncleanElection unclean) {
  state.leader = choose_leader(state, usable);
  if (!state.leader.known() && unclean == UncleanElection::allowed) {
    const auto any = std::find_if(state.replicas.begin(), state.replicas.end(), usable);
    if (any != state.replicas.end()) {
      state.leader = *any;
      state.isr = {*any};
    }
  }
  state.leader_epoch = state.leader_epoch.next();
}

PartitionState changed(PartitionState state) {
  state.partition_epoch = state.partition_epoch.next();
  return state;
}

Result<PartitionState> prefer(const PartitionState& state, const Usable& usable) {
  const BrokerId preferred = state.replicas.front();
  if (state.leader == preferred) return failure(ErrorCode::election_not_needed);
  if (!contains(state.isr, preferred) || !usable(preferred)) return failure(ErrorCode::preferred_leader_not_available);
  PartitionState next = state;
  next.leader = preferred;
  next.leader_epoch = next.leader_epoch.next();
  return changed(std::move(next));
}

}  // namespace

std::optional<PartitionState> new_partition(std::vector<BrokerId> replicas, const Usable& usable) {
  PartitionState state;
  state.replicas = std::move(replicas);
  std::copy_if(state.replicas.begin(), state.replicas.end(), std::back_inserter(state.isr), usable);
  std::sort(state.isr.begin(), state.isr.end());
  if (state.isr.empty()) return std::nullopt;
  elect(state, usable, UncleanElection::forbidden);
  state.partition_epoch = {0};
  return state;
}

BrokerId choose_leader(const PartitionState& state, const Usable& usable) {
  for (const BrokerId replica : state.replicas) {
    if (contains(state.isr, replica) && usable(replica)) return replica;
  }
  return {};
}

std::optional<PartitionState> after_fencing(const PartitionState& state, BrokerId broker, const Usable& usable,
                                            UncleanElection unclean) {
  PartitionState next = state;
  if (next.isr.size() > 1) std::erase(next.isr, broker);
  if (state.leader == broker) elect(next, usable, unclean);
  if (next == state) return std::nullopt;
  return changed(std::move(next));
}

std::optional<PartitionState> after_unfencing(const PartitionState& state, const Usable& usable, UncleanElection unclean) {
  if (state.leader.known()) return std::nullopt;
  PartitionState next = state;
  elect(next, usable, unclean);
  if (!next.leader.known()) return std::nullopt;
  return changed(std::move(next));
}

Result<PartitionState> hold_election(const PartitionState& state, Election election, const Usable& usable) {
  if (election == Election::preferred) return prefer(state, usable);
  if (state.leader.known()) return failure(ErrorCode::election_not_needed);
  auto next = after_unfencing(state, usable, UncleanElection::allowed);
  if (!next) return failure(ErrorCode::eligible_leaders_not_available);
  return *std::move(next);
}

bool was_unclean(const PartitionState& before, const PartitionState& after) {
  return after.leader.known() && after.leader_epoch != before.leader_epoch && !contains(before.isr, after.leader);
}

}  // namespace acklab::broker
