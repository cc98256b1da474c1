#include "broker/partition/delayed_produce.h"

#include <algorithm>
#include <utility>

#include "broker/leader_hints.h"
#include "broker/partition/replica_manager.h"

namespace acklab::broker {

using protocol::ErrorCode;
using protocol::Event;
using protocol::ProduceResponse;

namespace {

constexpr std::int16_t first_version_with_leaders = 10;

void name_leaders(const MetadataImage& image, ProduceResponse& response) {
  LeaderHints hints(image);
  for (auto& topic : response.topics) {
    for (auto& partition : topic.partitions) {
      if (partition.error_code != ErrorCode::not_leader_or_follower) continue;
      hints.name_leader({topic.name, partition.index}, partition.current_leader);
    }
  }
  hints.put_endpoints(response.node_endpoints);
}

}  // namespace

void answer(protocol::Runtime& runtime, const MetadataImage& image, AppliedProduce& produce) {
  if (produce.call.version() >= first_version_with_leaders) name_leaders(image, produce.response);
  if (!produce.call.answer(produce.response)) return;
  for (const AppliedProduce::Batch& batch : produce.batches) {
    const auto& said = produce.answer_of(batch);
    runtime.note({.event = Event::answered,
                  .code = said.error_code,
                  .topic = batch.key.topic,
                  .partition = batch.key.partition,
                  .epoch = batch.epoch,
                  .offset = {said.base_offset},
                  .count = batch.records,
                  .connection = produce.call.connection,
                  .correlation = produce.call.header.correlation_id});
  }
}

DelayedProduces::DelayedProduces(protocol::Runtime& runtime, const MetadataImage& image, ReplicaManager& replicas)
    : runtime_(runtime), image_(image), replicas_(replicas), timer_(runtime, [this] { expire(); }) {}

void DelayedProduces::wait(AppliedProduce produce, protocol::Duration timeout) {
  if (settle(produce)) return answer(runtime_, image_, produce);
  std::vector<PartitionKey> watched;
  for (const AppliedProduce::Batch& batch : produce.batches) {
    if (batch.waiting) watched.push_back(batch.key);
  }
  room_.enter(std::move(produce), runtime_.now() + timeout, std::move(watched));
  timer_.arm(room_.next_deadline());
}

void DelayedProduces::look_at(const PartitionKey& key) {
  for (const auto ticket : room_.watching(key)) {
    AppliedProduce* produce = room_.find(ticket);
    if (!produce || !settle(*produce)) continue;
    AppliedProduce done = room_.leave(ticket);
    answer(runtime_, image_, done);
  }
}

bool DelayedProduces::settle(AppliedProduce& produce) {
  bool all = true;
  for (AppliedProduce::Batch& batch : produce.batches) {
    if (!batch.waiting) continue;
    const Partition* partition = replicas_.find(batch.key);
    const auto outcome = partition ? replication_outcome(batch.required, partition->replication_status())
                                   : ErrorCode::unknown_topic_or_partition;  // the topic was deleted
    if (!outcome) {
      all = false;
      continue;
    }
    batch.waiting = false;
    produce.answer_of(batch).error_code = *outcome;
    if (*outcome != ErrorCode::none) produce.answer_of(batch).base_offset = -1;
  }
  return all;
}

void DelayedProduces::expire() {
  for (const auto ticket : room_.due(runtime_.now())) {
    if (!room_.find(ticket)) continue;
    AppliedProduce late = room_.leave(ticket);
    for (AppliedProduce::Batch& batch : late.batches) {
      if (!batch.waiting) continue;
      late.answer_of(batch).error_code = ErrorCode::request_timed_out;
      late.answer_of(batch).base_offset = -1;
    }
    answer(runtime_, image_, late);
  }
  timer_.arm(room_.next_deadline());
}

}  // namespace acklab::broker
