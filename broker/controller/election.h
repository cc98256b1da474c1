// Who leads a partition. Pure: the state of a partition before, the state after.
//
// The preferred leader is the first of the assignment; any in-sync replica on a usable broker may lead, in the order of the
// assignment (a clean election: no in-sync replica lacks a committed record). The last in-sync replica is never removed: it may
// be the only one that has them all, so the partition waits for it, without a leader. Unless somebody would rather lose records than
// wait: an unclean election takes any usable replica, and the ISR becomes that one alone, because only its log counts from now on.
//
// The leader epoch grows whenever a leader is elected or lost, the partition epoch at every change (KIP-497; a mere shrink of the
// ISR has not bumped the leader epoch since Kafka 3.6).
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "broker/controller/metadata_image.h"
#include "protocol/result.h"

namespace acklab::broker {

using protocol::Election;
using protocol::Result;

// Whether a broker is registered, not fenced and not shutting down.
using Usable = std::function<bool(BrokerId)>;

// unclean.leader.election.enable: whether an unclean election may take place unasked, when the last in-sync replica is gone.
enum class UncleanElection { forbidden, allowed };

// A partition at its creation: every usable replica is in sync, because there is nothing to have missed. Nothing if none is
// usable.
std::optional<PartitionState> new_partition(std::vector<BrokerId> replicas, const Usable& usable);

// The leader that the state would elect; -1 if nobody can lead.
BrokerId choose_leader(const PartitionState& state, const Usable& usable);

// What becomes of a partition when `broker`, no longer usable, was fenced or shuts down; nothing if it does not concern it.
std::optional<PartitionState> after_fencing(const PartitionState& state, BrokerId broker, const Usable& usable,
                                            UncleanElection unclean);

// What becomes of a partition when a broker became usable. Only one without a leader changes: the others' leaders will propose
// the returned replica for their ISR when it has caught up.
std::optional<PartitionState> after_unfencing(const PartitionState& state, const Usable& usable, UncleanElection unclean);

// What becomes of a partition for which an operator asks for an election. The codes are Kafka's:
//   preferred  ELECTION_NOT_NEEDED if the first replica leads, PREFERRED_LEADER_NOT_AVAILABLE if it may not
//   unclean    ELECTION_NOT_NEEDED if anybody leads, ELIGIBLE_LEADERS_NOT_AVAILABLE if no replica is usable
Result<PartitionState> hold_election(const PartitionState& state, Election election, const Usable& usable);

// Whether the leader of `after` was elected without having been in sync: what the ISR before had committed may be lost.
bool was_unclean(const PartitionState& before, const PartitionState& after);

}  // namespace acklab::broker
