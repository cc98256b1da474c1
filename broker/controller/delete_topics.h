// DeleteTopics: which topics go, by name or by id. Pure.
#pragma once

#include "broker/config.h"
#include "broker/controller/decide.h"
#include "broker/controller/metadata_image.h"
#include "protocol/error_code.h"
#include "protocol/messages/delete_topics.h"

namespace acklab::broker {

// Each topic of a request succeeds or fails for itself:
//   INVALID_REQUEST             named twice, by name and by id, or not at all
//   UNKNOWN_TOPIC_OR_PARTITION, UNKNOWN_TOPIC_ID
//   TOPIC_DELETION_DISABLED     delete.topic.enable is false
protocol::DeleteTopicsResponse delete_topics(const protocol::DeleteTopicsRequest& request, const MetadataImage& image,
                                             const BrokerConfig& config, const Decide& decide);

// The same code for each topic of a request.
protocol::DeleteTopicsResponse refusal_of(const protocol::DeleteTopicsRequest& request, protocol::ErrorCode code);

}  // namespace acklab::broker
