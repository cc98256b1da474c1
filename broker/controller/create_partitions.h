// CreatePartitions: more partitions for a topic that exists. Pure.
#pragma once

#include "broker/config.h"
#include "broker/controller/decide.h"
#include "broker/controller/metadata_image.h"
#include "protocol/messages/create_partitions.h"

namespace acklab::broker {

// Each topic of a request succeeds or fails for itself. New partitions have as many replicas as the first one.
//   INVALID_REQUEST             named twice
//   UNKNOWN_TOPIC_OR_PARTITION
//   INVALID_PARTITIONS          not more than there are, or too many
//   INVALID_REPLICATION_FACTOR  too few brokers are usable
//   INVALID_REPLICA_ASSIGNMENT  an assignment for more or fewer than the new ones, with other replication, or to nobody who lives
protocol::CreatePartitionsResponse create_partitions(const protocol::CreatePartitionsRequest& request, const MetadataImage& image,
                                                     const Decide& decide);

}  // namespace acklab::broker
