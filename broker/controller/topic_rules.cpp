#include "broker/controller/topic_rules.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "broker/controller/election.h"
#include "broker/controller/placement.h"

namespace acklab::broker {

using protocol::CreateTopicsRequest;
using protocol::CreateTopicsResponse;
using protocol::ErrorCode;
using protocol::failure;

namespace {

constexpr std::size_t max_topic_name_length = 249;  // leaves room for "-<partition>.<uuid>-delete" in a file name of 255

bool legal(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
}

auto refusal(ErrorCode code, std::string message) { return failure(Refusal{code, std::move(message)}); }

// Kafka's metric names have '_' where a topic has '.', so two topics that differ only there would be mixed up in them.
std::string collision_key(std::string name) {
  std::replace(name.begin(), name.end(), '.', '_');
  return name;
}

const std::string* colliding_topic(const std::string& name, const MetadataImage& image) {
  if (name.find_first_of("._") == std::string::npos) return nullptr;
  const std::string key = collision_key(name);
  for (const auto& [other, topic] : image.topics) {
    if (collision_key(other) == key) return &other;
  }
  return nullptr;
}

Result<void, Refusal> check_name(const std::string& name, const MetadataImage& image) {
  if (const auto legal_name = check_topic_name(name); !legal_name) {
    return refusal(ErrorCode::invalid_topic_exception, legal_name.error());
  }
  if (image.find_topic(name) != nullptr) {
    return refusal(ErrorCode::topic_already_exists, fmt::format("Topic '{}' already exists.", name));
  }
  if (const std::string* const other = colliding_topic(name, image); other != nullptr) {
    return refusal(ErrorCode::invalid_topic_exception, fmt::format("Topic '{}' collides with existing topic: {}", name, *other));
  }
  return {};
}

Result<void, Refusal> check_room(const MetadataImage& image) {
  if (image.topics.size() >= max_topics) {
    return refusal(ErrorCode::policy_violation, fmt::format("There are at most {} topics here.", max_topics));
  }
  return {};
}

Result<void, Refusal> read_configs(const CreateTopicsRequest::Topic& wanted, const BrokerConfig& defaults, NewTopic& topic) {
  TopicConfig config = defaults.topics;
  for (const auto& [key, value] : wanted.configs) {
    if (!value) return refusal(ErrorCode::invalid_config, "The value of a topic's configuration key may not be null.");
    if (const auto stored = config.set(key, *value); !stored) return refusal(ErrorCode::invalid_config, stored.error());
    topic.settings[key] = *value;
  }
  if (const auto checked = config.check(); !checked) return refusal(ErrorCode::invalid_config, checked.error());
  return {};
}

Result<Assignment, Refusal> place_by_count(const CreateTopicsRequest::Topic& wanted, const MetadataImage& image,
                                           const BrokerConfig& defaults) {
  const std::int32_t partitions = wanted.num_partitions == -1 ? defaults.num_partitions : wanted.num_partitions;
  const std::int16_t replicas = wanted.replication_factor == -1 ? defaults.default_replication_factor : wanted.replication_factor;
  if (partitions < 1) {
    return refusal(ErrorCode::invalid_partitions, "Number of partitions was set to an invalid non-positive value.");
  }
  if (partitions > max_partitions_per_topic) {
    return refusal(ErrorCode::invalid_partitions,
                   fmt::format("A topic has at most {} partitions here.", max_partitions_per_topic));
  }
  if (replicas < 1) {
    return refusal(ErrorCode::invalid_replication_factor,
                   "Replication factor must be larger than 0, or -1 to use the default value.");
  }
  std::vector<BrokerId> usable;
  for (const auto& [broker, registration] : image.brokers) {
    if (image.usable(broker)) usable.push_back(broker);
  }
  if (static_cast<std::size_t>(replicas) > usable.size()) {
    return refusal(
        ErrorCode::invalid_replication_factor,
        fmt::format("Unable to replicate the partition {} time(s): The target replication factor of {} cannot be reached "
                    "because only {} broker(s) are alive.",
                    replicas, replicas, usable.size()));
  }
  // One broker further with each topic, so that many topics of one partition do not all have the same leader.
  return place_replicas(usable, partitions, replicas, image.topics.size());
}

Result<Assignment, Refusal> place_by_hand(const CreateTopicsRequest::Topic& wanted, const MetadataImage& image) {
  if (wanted.num_partitions != -1 || wanted.replication_factor != -1) {
    return refusal(
        ErrorCode::invalid_request,
        "A manual partition assignment was specified, but the number of partitions or the replication factor was not set to -1.");
  }
  if (wanted.assignments.size() > static_cast<std::size_t>(max_partitions_per_topic)) {
    return refusal(ErrorCode::invalid_partitions,
                   fmt::format("A topic has at most {} partitions here.", max_partitions_per_topic));
  }
  std::vector<ManualPartition> manual;
  for (const auto& [partition, ids] : wanted.assignments) {
    ManualPartition& given = manual.emplace_back();
    given.partition = partition;
    for (const std::int32_t id : ids) given.brokers.push_back({id});
  }
  std::vector<BrokerId> registered;
  for (const auto& [broker, registration] : image.brokers) registered.push_back(broker);
  auto assignment = check_assignment(std::move(manual), registered);
  if (!assignment) return refusal(ErrorCode::invalid_replica_assignment, assignment.error());
  return *std::move(assignment);
}

}  // namespace

Result<void, std::string> check_topic_name(std::string_view name) {
  if (name.empty()) return failure(std::string("Topic name is invalid: the empty string is not allowed"));
  if (name == "." || name == "..") return failure(fmt::format("Topic name is invalid: '{}' is not allowed", name));
  if (name.size() > max_topic_name_length) {
    return failure(fmt::format("Topic name is invalid: its length of {} is longer than the max allowed length {}", name.size(),
                               max_topic_name_length));
  }
  if (!std::all_of(name.begin(), name.end(), legal)) {
    return failure(fmt::format(
        "Topic name is invalid: '{}' contains one or more characters other than ASCII alphanumerics, '.', '_' and '-'", name));
  }
  return {};
}

Result<NewTopic, Refusal> plan_topic(const CreateTopicsRequest::Topic& wanted, const MetadataImage& image,
                                     const BrokerConfig& defaults) {
  NewTopic topic;
  topic.name = wanted.name;
  if (const auto named = check_name(wanted.name, image); !named) return failure(named.error());
  if (const auto room = check_room(image); !room) return failure(room.error());
  if (const auto configured = read_configs(wanted, defaults, topic); !configured) return failure(configured.error());
  auto assignment = wanted.assignments.empty() ? place_by_count(wanted, image, defaults) : place_by_hand(wanted, image);
  if (!assignment) return failure(assignment.error());

  for (std::vector<BrokerId>& replicas : *assignment) {
    auto partition = new_partition(std::move(replicas), [&](BrokerId broker) { return image.usable(broker); });
    if (!partition) {
      return refusal(ErrorCode::invalid_replica_assignment,
                     fmt::format("All brokers specified in the manual partition assignment for partition {} are fenced.",
                                 topic.partitions.size()));
    }
    topic.partitions.push_back(*std::move(partition));
  }
  return topic;
}

std::set<std::string> repeated_names(const CreateTopicsRequest& request) {
  std::set<std::string> seen;
  std::set<std::string> repeated;
  for (const CreateTopicsRequest::Topic& topic : request.topics) {
    if (!seen.insert(topic.name).second) repeated.insert(topic.name);
  }
  return repeated;
}

std::vector<CreateTopicsResponse::Config> effective_config(const Settings& topic, const BrokerLayers& broker) {
  std::vector<CreateTopicsResponse::Config> configs;
  for (const DescribedKey& key : describe_topic(topic, broker)) {
    CreateTopicsResponse::Config& config = configs.emplace_back();
    config.name = key.name;
    config.value = key.value;
    config.config_source = static_cast<std::int8_t>(key.source());
  }
  return configs;
}

}  // namespace acklab::broker
