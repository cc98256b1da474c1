#include "broker/partition/delayed_deletion.h"

#include <utility>

#include "broker/partition/replica_manager.h"

namespace acklab::broker {

using protocol::ErrorCode;

DelayedDeletions::DelayedDeletions(protocol::Runtime& runtime, ReplicaManager& replicas)
    : runtime_(runtime), replicas_(replicas), timer_(runtime, [this] { expire(); }) {}

void DelayedDeletions::wait(AppliedDeletion deletion, protocol::Duration timeout) {
  settle(deletion);
  if (deletion.open.empty()) {
    deletion.call.answer(deletion.response);
    return;
  }
  std::vector<PartitionKey> watched;
  for (const AppliedDeletion::Open& open : deletion.open) watched.push_back(open.key);
  room_.enter(std::move(deletion), runtime_.now() + timeout, std::move(watched));
  timer_.arm(room_.next_deadline());
}

void DelayedDeletions::look_at(const PartitionKey& key) {
  for (const auto ticket : room_.watching(key)) {
    AppliedDeletion* deletion = room_.find(ticket);
    if (!deletion) continue;
    settle(*deletion);
    if (!deletion->open.empty()) continue;
    const AppliedDeletion done = room_.leave(ticket);
    done.call.answer(done.response);
  }
}

void DelayedDeletions::settle(AppliedDeletion& deletion) {
  std::erase_if(deletion.open, [&](const AppliedDeletion::Open& open) {
    auto& said = deletion.response.topics[open.topic].partitions[open.partition];
    const Partition* partition = replicas_.find(open.key);
    if (!partition || !partition->leads()) {
      said.error_code = partition ? ErrorCode::not_leader_or_follower : ErrorCode::unknown_topic_or_partition;
      said.low_watermark = -1;
      return true;
    }
    said.low_watermark = partition->low_watermark().value;
    return partition->low_watermark() >= open.required;
  });
}

void DelayedDeletions::expire() {
  for (const auto ticket : room_.due(runtime_.now())) {
    if (!room_.find(ticket)) continue;
    AppliedDeletion late = room_.leave(ticket);
    for (const AppliedDeletion::Open& open : late.open) {
      late.response.topics[open.topic].partitions[open.partition].error_code = ErrorCode::request_timed_out;
    }
    late.call.answer(late.response);
  }
  timer_.arm(room_.next_deadline());
}

}  // namespace acklab::broker
