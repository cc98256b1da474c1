// How each decision of the controller is written down.
#pragma once

#include <cstdint>

#include "broker/controller/metadata_image.h"
#include "broker/controller/metadata_records.h"

namespace acklab::broker {

// A new incarnation of a controller has begun its work.
MetadataRecord controller_record(std::int32_t controller_epoch);
MetadataRecord registration_record(BrokerId broker, BrokerEpoch epoch, const Uuid& incarnation, const protocol::Address& address);
MetadataRecord fence_record(BrokerId broker, BrokerEpoch epoch);
MetadataRecord unfence_record(BrokerId broker, BrokerEpoch epoch);
MetadataRecord shut_down_record(BrokerId broker, BrokerEpoch epoch);
MetadataRecord topic_record(const std::string& name, const Uuid& id, const Settings& settings);
MetadataRecord topic_config_record(const Uuid& topic, const Settings& settings);
// Of all brokers, if its id is -1.
MetadataRecord broker_config_record(BrokerId broker, const Settings& settings);
MetadataRecord topic_removal_record(const Uuid& topic);
MetadataRecord partition_record(const Uuid& topic, std::int32_t partition, const PartitionState& state);
MetadataRecord producer_ids_record(std::int64_t next_producer_id);

}  // namespace acklab::broker
