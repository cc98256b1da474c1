// What a new topic must be like, and what a CreateTopics request makes of it. Pure.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "broker/config.h"
#include "broker/config_description.h"
#include "broker/controller/metadata_image.h"
#include "protocol/error_code.h"
#include "protocol/messages/create_topics.h"
#include "protocol/result.h"

namespace acklab::broker {

// A Kafka code and the line that goes with it, for the client's user.
struct Refusal {
  protocol::ErrorCode code = protocol::ErrorCode::none;
  std::string message;
};

// A topic that may be created.
struct NewTopic {
  std::string name;
  Settings settings;
  std::vector<PartitionState> partitions;
};

// Length 1 to 249, of [a-zA-Z0-9._-], neither "." nor "..". The error is a line for the user.
Result<void, std::string> check_topic_name(std::string_view name);

// Judges one topic of a request against what exists. Its replicas stand on usable brokers only; counts of -1 mean the broker's
// defaults. The codes are Kafka's: INVALID_TOPIC_EXCEPTION, TOPIC_ALREADY_EXISTS, INVALID_PARTITIONS, INVALID_REPLICATION_FACTOR,
// INVALID_REPLICA_ASSIGNMENT, INVALID_CONFIG, INVALID_REQUEST, POLICY_VIOLATION.
Result<NewTopic, Refusal> plan_topic(const protocol::CreateTopicsRequest::Topic& wanted, const MetadataImage& image,
                                     const BrokerConfig& defaults);

// Names that a request has more than once: all of them are refused with INVALID_REQUEST.
std::set<std::string> repeated_names(const protocol::CreateTopicsRequest& request);

// The configuration in force for a topic, and where each value comes from.
std::vector<protocol::CreateTopicsResponse::Config> effective_config(const Settings& topic, const BrokerLayers& broker);

}  // namespace acklab::broker
