#include "broker/controller/create_partitions.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "broker/controller/election.h"
#include "broker/controller/new_records.h"
#include "broker/controller/placement.h"
#include "broker/controller/topic_rules.h"

namespace acklab::broker {

using protocol::CreatePartitionsRequest;
using protocol::CreatePartitionsResponse;
using protocol::ErrorCode;
using protocol::failure;

namespace {

using Wanted = CreatePartitionsRequest::Topic;

auto refusal(ErrorCode code, std::string message) { return failure(Refusal{code, std::move(message)}); }

Result<void, Refusal> check_count(const Wanted& wanted, std::int32_t existing) {
  if (wanted.count == existing) {
    return refusal(ErrorCode::invalid_partitions, fmt::format("Topic already has {} partition(s).", existing));
  }
  if (wanted.count < existing) {
    return refusal(ErrorCode::invalid_partitions,
                   fmt::format("The topic {} currently has {} partition(s); {} would not be an increase.", wanted.name, existing,
                               wanted.count));
  }
  if (wanted.count > max_partitions_per_topic) {
    return refusal(ErrorCode::invalid_partitions,
                   fmt::format("A topic has at most {} partitions here.", max_partitions_per_topic));
  }
  return {};
}

// As if the topic had had all of them from the beginning, if its brokers are still those: the pattern goes on.
Result<Assignment, Refusal> place(const Wanted& wanted, const TopicState& topic, const MetadataImage& image) {
  const auto existing = static_cast<std::ptrdiff_t>(topic.partitions.size());
  const std::vector<BrokerId>& first = topic.partitions.front().replicas;
  std::vector<BrokerId> usable;
  for (const auto& [broker, registration] : image.brokers) {
    if (image.usable(broker)) usable.push_back(broker);
  }
  if (first.size() > usable.size()) {
    return refusal(ErrorCode::invalid_replication_factor,
                   fmt::format("The target replication factor of {} cannot be reached because only {} broker(s) are alive.",
                               first.size(), usable.size()));
  }
  const auto start = std::lower_bound(usable.begin(), usable.end(), first.front()) - usable.begin();
  Assignment all = place_replicas(usable, wanted.count, static_cast<std::int16_t>(first.size()), static_cast<std::size_t>(start));
  all.erase(all.begin(), all.begin() + existing);
  return all;
}

Result<Assignment, Refusal> as_given(const Wanted& wanted, const TopicState& topic, const MetadataImage& image) {
  const auto existing = static_cast<std::int32_t>(topic.partitions.size());
  const std::size_t additional = static_cast<std::size_t>(wanted.count - existing);
  if (wanted.assignments->size() != additional) {
    return refusal(ErrorCode::invalid_replica_assignment,
                   fmt::format("Attempted to add {} additional partition(s), but {} assignment(s) were specified.", additional,
                               wanted.assignments->size()));
  }
  std::vector<ManualPartition> manual;
  for (const auto& assignment : *wanted.assignments) {
    ManualPartition& given = manual.emplace_back();
    given.partition = static_cast<std::int32_t>(manual.size()) - 1;
    for (const std::int32_t id : assignment.broker_ids) given.brokers.push_back({id});
  }
  std::vector<BrokerId> registered;
  for (const auto& [broker, registration] : image.brokers) registered.push_back(broker);
  auto assignment = check_assignment(std::move(manual), registered);
  if (!assignment) return refusal(ErrorCode::invalid_replica_assignment, assignment.error());
  const std::size_t factor = topic.partitions.front().replicas.size();
  if (assignment->front().size() != factor) {
    return refusal(ErrorCode::invalid_replica_assignment,
                   fmt::format("The topic's partitions have {} replica(s), so the new ones must have as many.", factor));
  }
  return *std::move(assignment);
}

Result<std::vector<PartitionState>, Refusal> plan(const Wanted& wanted, const MetadataImage& image) {
  const TopicState* const topic = image.find_topic(wanted.name);
  if (topic == nullptr) return refusal(ErrorCode::unknown_topic_or_partition, "This server does not host this topic-partition.");
  const auto existing = static_cast<std::int32_t>(topic->partitions.size());
  if (const auto counted = check_count(wanted, existing); !counted) return failure(counted.error());
  auto assignment = wanted.assignments ? as_given(wanted, *topic, image) : place(wanted, *topic, image);
  if (!assignment) return failure(assignment.error());
  std::vector<PartitionState> partitions;
  for (std::vector<BrokerId>& replicas : *assignment) {
    auto partition = new_partition(std::move(replicas), [&](BrokerId broker) { return image.usable(broker); });
    if (!partition) {
      return refusal(ErrorCode::invalid_replica_assignment,
                     fmt::format("All brokers specified in the manual partition assignment for partition {} are fenced.",
                                 static_cast<std::size_t>(existing) + partitions.size()));
    }
    partitions.push_back(*std::move(partition));
  }
  return partitions;
}

}  // namespace

CreatePartitionsResponse create_partitions(const CreatePartitionsRequest& request, const MetadataImage& image,
                                           const Decide& decide) {
  std::map<std::string, int> times;
  for (const Wanted& wanted : request.topics) ++times[wanted.name];
  CreatePartitionsResponse answer;
  std::size_t room = max_new_partitions_per_request;
  for (const Wanted& wanted : request.topics) {
    CreatePartitionsResponse::Topic& said = answer.results.emplace_back();
    said.name = wanted.name;
    auto partitions = plan(wanted, image);
    if (times[wanted.name] > 1) partitions = refusal(ErrorCode::invalid_request, "Duplicate topic name.");
    if (partitions && partitions->size() > room) {
      partitions = refusal(ErrorCode::policy_violation, "Excessively large number of partitions per request.");
    }
    if (!partitions) {
      said.error_code = partitions.error().code;
      said.error_message = partitions.error().message;
      continue;
    }
    room -= partitions->size();
    if (request.validate_only) continue;
    const TopicState& topic = *image.find_topic(wanted.name);
    const Uuid id = topic.id;
    auto index = static_cast<std::int32_t>(topic.partitions.size());
    for (const PartitionState& partition : *partitions) decide(partition_record(id, index++, partition));
  }
  return answer;
}

}  // namespace acklab::broker
