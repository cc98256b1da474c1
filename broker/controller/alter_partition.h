// A leader's proposal for a new ISR, and the controller's judgement of it (AlterPartition, KIP-497). Pure.
//
// Why so many checks: the proposal was made from what the leader knew when it sent it. Meanwhile
//   another leader was elected                         -> FENCED_LEADER_EPOCH
//   the ISR was changed by somebody else               -> INVALID_UPDATE_VERSION: decide again on the new state
//   a proposed replica was fenced or shuts down, or died and came back with an emptied disk under a new broker epoch (KIP-903)
//                                                      -> INELIGIBLE_REPLICA
//   the proposer itself was replaced by a new incarnation -> STALE_BROKER_EPOCH for the whole request
//   this controller is the one that is out of date     -> NOT_CONTROLLER
#pragma once

#include <cstdint>
#include <vector>

#include "broker/controller/metadata_image.h"
#include "protocol/messages/alter_partition.h"
#include "protocol/result.h"

namespace acklab::broker {

// A replica of a proposed ISR and the incarnation that the leader saw catch up. An unknown epoch (-1; version 2 has none) is not
// checked.
struct ProposedReplica {
  BrokerId broker{};
  BrokerEpoch epoch{};
};

struct ReceivedProposal {
  BrokerId leader{};  // who proposes
  LeaderEpoch leader_epoch{};
  PartitionEpoch partition_epoch{};
  std::vector<ProposedReplica> isr;
};

// The state of the partition after the proposal: with a new partition epoch, or as it was if nothing changes.
Result<PartitionState> judge(const ReceivedProposal& proposal, const PartitionState& state, const MetadataImage& image);

// One partition of the request in the given version.
ReceivedProposal proposal_of(const protocol::AlterPartitionRequest::Partition& partition, BrokerId leader, std::int16_t version);

// Whether the image knows this incarnation of the broker: NONE, BROKER_ID_NOT_REGISTERED or STALE_BROKER_EPOCH.
protocol::ErrorCode check_broker_epoch(const MetadataImage& image, BrokerId broker, BrokerEpoch epoch);

}  // namespace acklab::broker
