#include "broker/partition/isr.h"

#include <algorithm>

#include "protocol/mutant.h"

namespace acklab::broker {

using protocol::BrokerId;
using protocol::Duration;
using protocol::ErrorCode;
using protocol::Mutant;
using protocol::Offset;
using protocol::Time;

FollowerProgress fetched(const FollowerProgress& before, Offset offset, Offset leader_end, Time now) {
  FollowerProgress after = before;
  if (offset >= leader_end) {
    after.caught_up = now;
  } else if (before.last_fetch && offset >= before.leader_end_at_last_fetch) {
    after.caught_up = before.caught_up ? std::max(*before.caught_up, *before.last_fetch) : *before.last_fetch;
  }
  after.log_end = offset;
  after.leader_end_at_last_fetch = std::max(before.leader_end_at_last_fetch, leader_end);
  after.last_fetch = now;
  return after;
}

FollowerProgress at_epoch_start(bool in_isr, Time now) {
  FollowerProgress fresh;
  if (in_isr) fresh.caught_up = now;
  return fresh;
}

bool caught_up(const FollowerProgress& follower, Offset leader_end, Time now, Duration lag_max) {
  if (follower.log_end == leader_end) return true;
  return follower.caught_up && now - *follower.caught_up <= lag_max;
}

Offset high_watermark(Offset current, Offset leader_end, std::span<const FollowerView> followers) {
  if (active(Mutant::advance_too_early)) return leader_end;
  Offset lowest = leader_end;
  for (const FollowerView& follower : followers) {
    if (follower.in_maximal_isr || follower.about_to_join) lowest = std::min(lowest, follower.log_end);
  }
  return std::max(current, lowest);
}

int effective_min_isr(int min_insync_replicas, std::size_t replicas) {
  return std::min(min_insync_replicas, static_cast<int>(replicas));
}

void IsrState::commit(std::vector<BrokerId> isr) {
  std::sort(isr.begin(), isr.end());
  committed_ = std::move(isr);
  proposed_.reset();
}

void IsrState::propose(std::vector<BrokerId> isr) {
  std::sort(isr.begin(), isr.end());
  proposed_ = std::move(isr);
}

bool IsrState::in_committed(BrokerId broker) const { return std::binary_search(committed_.begin(), committed_.end(), broker); }

bool IsrState::in_maximal(BrokerId broker) const {
  return in_committed(broker) || (proposed_ && std::binary_search(proposed_->begin(), proposed_->end(), broker));
}

std::size_t IsrState::maximal_size() const {
  std::size_t size = committed_.size();
  if (proposed_) {
    size += static_cast<std::size_t>(
        std::count_if(proposed_->begin(), proposed_->end(), [this](BrokerId broker) { return !in_committed(broker); }));
  }
  return size;
}

bool has_enough_to_join(Offset log_end, Offset high_watermark, std::optional<Offset> epoch_start) {
  if (active(Mutant::join_isr_too_early)) return log_end.known();
  return log_end.known() && log_end >= high_watermark && (!epoch_start || log_end >= *epoch_start);
}

std::vector<BrokerId> with(std::vector<BrokerId> isr, BrokerId joining) {
  isr.insert(std::upper_bound(isr.begin(), isr.end(), joining), joining);
  return isr;
}

std::vector<BrokerId> without(std::vector<BrokerId> isr, std::span<const BrokerId> leaving) {
  std::erase_if(isr, [&](BrokerId broker) { return std::find(leaving.begin(), leaving.end(), broker) != leaving.end(); });
  return isr;
}

std::optional<ErrorCode> replication_outcome(Offset required, const ReplicationStatus& status) {
  if (!status.leads) return ErrorCode::not_leader_or_follower;
  if (status.high_watermark < required) return std::nullopt;
  // It is replicated to every in-sync replica, but too few of those are left for the promise that acks=all makes.
  if (static_cast<int>(status.maximal_isr) < status.min_isr) {
    return active(Mutant::deny_the_append) ? ErrorCode::not_enough_replicas : ErrorCode::not_enough_replicas_after_append;
  }
  return ErrorCode::none;
}

}  // namespace acklab::broker
