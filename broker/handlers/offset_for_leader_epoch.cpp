// OffsetForLeaderEpoch: where an epoch ends in the leader's log, which is where another log may part from it.
#include "broker/handlers/handlers.h"
#include "broker/partition/replica_manager.h"

namespace acklab::broker {

using protocol::ErrorCode;
using protocol::OffsetForLeaderEpochRequest;
using protocol::OffsetForLeaderEpochResponse;

namespace {

OffsetForLeaderEpochResponse::Partition end_of(Services& services, const std::string& topic,
                                               const OffsetForLeaderEpochRequest::Partition& asked) {
  OffsetForLeaderEpochResponse::Partition answer;
  answer.partition = asked.partition;
  const auto partition = services.replicas.find(topic, asked.partition);
  if (!partition) {
    answer.error_code = partition.error();
    return answer;
  }
  const auto end = (*partition)->end_of_epoch({asked.leader_epoch}, {asked.current_leader_epoch});
  if (!end) {
    answer.error_code = end.error();
    return answer;
  }
  answer.leader_epoch = end->epoch.value;
  answer.end_offset = end->end.value;
  return answer;
}

}  // namespace

void handle(Services& services, const Call& call, const OffsetForLeaderEpochRequest& request) {
  OffsetForLeaderEpochResponse response;
  for (const auto& topic : request.topics) {
    auto& answers = response.topics.emplace_back();
    answers.topic = topic.topic;
    for (const auto& partition : topic.partitions) answers.partitions.push_back(end_of(services, topic.topic, partition));
  }
  call.answer(response);
}

void refuse(Services&, const Call& call, const OffsetForLeaderEpochRequest& request, ErrorCode code) {
  OffsetForLeaderEpochResponse response;
  for (const auto& topic : request.topics) {
    auto& answers = response.topics.emplace_back();
    answers.topic = topic.topic;
    for (const auto& partition : topic.partitions)
      answers.partitions.push_back({.error_code = code, .partition = partition.partition});
  }
  call.answer(response);
}

}  // namespace acklab::broker
