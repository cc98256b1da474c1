#include "broker/controller/elect_leaders.h"

#include <utility>

namespace acklab::broker {

using protocol::ElectLeadersRequest;
using protocol::ElectLeadersResponse;
using protocol::ErrorCode;

namespace {

ElectLeadersResponse::Partition result_of(std::int32_t partition, ErrorCode code) {
  ElectLeadersResponse::Partition result;
  result.partition_id = partition;
  result.error_code = code;
  result.error_message.reset();
  return result;
}

template <class Outcome>
ElectLeadersResponse for_each_named(const ElectLeadersRequest& request, const Outcome& outcome) {
  ElectLeadersResponse answer;
  if (!request.topic_partitions) return answer;
  for (const auto& [topic, partitions] : *request.topic_partitions) {
    auto& results = answer.topics.emplace_back(ElectLeadersResponse::Topic{topic, {}}).partitions;
    for (const std::int32_t partition : partitions) results.push_back(result_of(partition, outcome({topic, partition})));
  }
  return answer;
}

ElectLeadersResponse for_all(Election election, const MetadataImage& image, const HoldElection& hold) {
  ElectLeadersResponse answer;
  for (const auto& [name, topic] : image.topics) {
    ElectLeadersResponse::Topic results{name, {}};
    for (std::int32_t partition = 0; partition < static_cast<std::int32_t>(topic.partitions.size()); ++partition) {
      const ErrorCode code = hold(election, {name, partition});
      if (code != ErrorCode::election_not_needed) results.partitions.push_back(result_of(partition, code));
    }
    if (!results.partitions.empty()) answer.topics.push_back(std::move(results));
  }
  return answer;
}

}  // namespace

ElectLeadersResponse elect_leaders(const ElectLeadersRequest& request, const MetadataImage& image, const HoldElection& hold) {
  const Election election{request.election_type};
  if (election != Election::preferred && election != Election::unclean) return refusal_of(request, ErrorCode::invalid_request);
  if (!request.topic_partitions) return for_all(election, image, hold);
  return for_each_named(request, [&](const TopicPartition& partition) { return hold(election, partition); });
}

ElectLeadersResponse refusal_of(const ElectLeadersRequest& request, ErrorCode code) {
  ElectLeadersResponse answer = for_each_named(request, [&](const TopicPartition&) { return code; });
  answer.error_code = code;
  return answer;
}

}  // namespace acklab::broker
