#include "broker/controller/alter_partition.h"

#include <algorithm>

namespace acklab::broker {

using protocol::ErrorCode;
using protocol::failure;

namespace {

// A set of replicas of this partition that contains its leader.
bool well_formed(const std::vector<BrokerId>& isr, const PartitionState& state) {
  if (std::adjacent_find(isr.begin(), isr.end()) != isr.end()) return false;
  const auto is_replica = [&](BrokerId broker) {
    return std::find(state.replicas.begin(), state.replicas.end(), broker) != state.replicas.end();
  };
  return std::all_of(isr.begin(), isr.end(), is_replica) && std::find(isr.begin(), isr.end(), state.leader) != isr.end();
}

bool eligible(const ProposedReplica& replica, const MetadataImage& image) {
  if (!image.usable(replica.broker)) return false;
  return !replica.epoch.known() || replica.epoch == image.brokers.at(replica.broker).epoch;
}

}  // namespace

Result<PartitionState> judge(const ReceivedProposal& proposal, const PartitionState& state, const MetadataImage& image) {
  if (proposal.leader_epoch > state.leader_epoch) return failure(ErrorCode::not_controller);
  if (proposal.partition_epoch > state.partition_epoch) return failure(ErrorCode::not_controller);
  if (proposal.leader_epoch < state.leader_epoch) return failure(ErrorCode::fenced_leader_epoch);
  if (proposal.leader != state.leader) return failure(ErrorCode::invalid_request);
  if (proposal.partition_epoch < state.partition_epoch) return failure(ErrorCode::invalid_update_version);

  std::vector<BrokerId> isr;
  for (const ProposedReplica& replica : proposal.isr) isr.push_back(replica.broker);
  std::sort(isr.begin(), isr.end());
  if (!well_formed(isr, state)) return failure(ErrorCode::invalid_request);
  const bool all_eligible = std::all_of(proposal.isr.begin(), proposal.isr.end(),
                                        [&](const ProposedReplica& replica) { return eligible(replica, image); });
  if (!all_eligible) return failure(ErrorCode::ineligible_replica);

  PartitionState next = state;
  next.isr = std::move(isr);
  if (next != state) next.partition_epoch = next.partition_epoch.next();
  return next;
}

ReceivedProposal proposal_of(const protocol::AlterPartitionRequest::Partition& partition, BrokerId leader, std::int16_t version) {
  ReceivedProposal proposal;
  proposal.leader = leader;
  proposal.leader_epoch = {partition.leader_epoch};
  proposal.partition_epoch = {partition.partition_epoch};
  if (version >= 3) {
    for (const auto& member : partition.new_isr_with_epochs) proposal.isr.push_back({{member.broker_id}, {member.broker_epoch}});
  } else {
    for (const std::int32_t id : partition.new_isr) proposal.isr.push_back({{id}, {}});
  }
  return proposal;
}

ErrorCode check_broker_epoch(const MetadataImage& image, BrokerId broker, BrokerEpoch epoch) {
  const auto registration = image.brokers.find(broker);
  if (registration == image.brokers.end()) return ErrorCode::broker_id_not_registered;
  return registration->second.epoch == epoch ? ErrorCode::none : ErrorCode::stale_broker_epoch;
}

}  // namespace acklab::broker
