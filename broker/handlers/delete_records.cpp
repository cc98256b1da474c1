// DeleteRecords: the leader moves its log start at once; the answer waits until living followers have followed.
#include <utility>

#include "broker/handlers/handlers.h"
#include "broker/partition/delayed_deletion.h"
#include "broker/partition/replica_manager.h"

namespace acklab::broker {

using protocol::DeleteRecordsRequest;
using protocol::DeleteRecordsResponse;
using protocol::ErrorCode;

namespace {

constexpr std::int64_t up_to_high_watermark = -1;

// The log start that was asked for.
Result<Offset, ErrorCode> delete_from(Partition& partition, std::int64_t wanted) {
  // Whoever compacts relies on the newest record of each key.
  if (!partition.config().cleanup_policy.deletes) return protocol::failure(ErrorCode::policy_violation);
  const Offset before = wanted == up_to_high_watermark ? partition.replica().high_watermark() : Offset{wanted};
  if (const ErrorCode code = partition.delete_records_before(before); code != ErrorCode::none) return protocol::failure(code);
  return before;
}

}  // namespace

void handle(Services& services, const Call& call, const DeleteRecordsRequest& request) {
  AppliedDeletion deletion;
  deletion.call = call;
  for (const DeleteRecordsRequest::Topic& topic : request.topics) {
    auto& answers = deletion.response.topics.emplace_back();
    answers.name = topic.name;
    for (const DeleteRecordsRequest::Partition& wanted : topic.partitions) {
      auto& said = answers.partitions.emplace_back();
      said.partition_index = wanted.partition_index;
      said.low_watermark = -1;
      const auto partition = services.replicas.find(topic.name, wanted.partition_index);
      const auto start = partition ? delete_from(**partition, wanted.offset) : protocol::failure(partition.error());
      if (!start) {
        said.error_code = start.error();
        continue;
      }
      deletion.open.push_back({.topic = deletion.response.topics.size() - 1,
                               .partition = answers.partitions.size() - 1,
                               .key = (*partition)->key(),
                               .required = *start});
    }
  }
  std::vector<PartitionKey> moved;
  for (const AppliedDeletion::Open& open : deletion.open) moved.push_back(open.key);
  services.delayed_deletions.wait(std::move(deletion), std::chrono::milliseconds(request.timeout_ms));
  for (const PartitionKey& key : moved) {
    if (Partition* const partition = services.replicas.find(key)) services.replicas.touched(*partition);
  }
}

void refuse(Services&, const Call& call, const DeleteRecordsRequest& request, ErrorCode code) {
  DeleteRecordsResponse response;
  for (const DeleteRecordsRequest::Topic& topic : request.topics) {
    auto& answers = response.topics.emplace_back();
    answers.name = topic.name;
    for (const DeleteRecordsRequest::Partition& wanted : topic.partitions) {
      answers.partitions.push_back({.partition_index = wanted.partition_index, .low_watermark = -1, .error_code = code});
    }
  }
  call.answer(response);
}

}  // namespace acklab::broker
