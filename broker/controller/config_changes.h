// AlterConfigs and IncrementalAlterConfigs: from what a request wants to what topics and brokers have of their own from then on. Pure.
#pragma once

#include "broker/config.h"
#include "broker/controller/decide.h"
#include "broker/controller/metadata_image.h"
#include "protocol/messages/alter_configs.h"
#include "protocol/messages/incremental_alter_configs.h"

namespace acklab::broker {

// Kafka's ConfigResource.Type, as far as there are such resources here. A broker is named by its id; "" means all of them.
enum class ConfigResource : std::int8_t { topic = 2, broker = 4 };

// Kafka's AlterConfigOp.OpType. The last two change items of a list.
enum class AlterOperation : std::int8_t { set = 0, remove = 1, append = 2, subtract = 3 };

// Each resource of a request succeeds or fails for itself. `config` is the brokers', for what topics have not of their own.
//   INVALID_REQUEST             named twice, of another type, a broker that is no number, a value that is null, a key twice
//   UNKNOWN_TOPIC_OR_PARTITION, BROKER_ID_NOT_REGISTERED
//   INVALID_CONFIG              a key or value that is not to be had, or for a broker one that it takes only at its start
protocol::AlterConfigsResponse alter_configs(const protocol::AlterConfigsRequest& request, const MetadataImage& image,
                                             const BrokerConfig& config, const Decide& decide);
protocol::IncrementalAlterConfigsResponse alter_configs(const protocol::IncrementalAlterConfigsRequest& request,
                                                        const MetadataImage& image, const BrokerConfig& config,
                                                        const Decide& decide);

}  // namespace acklab::broker
