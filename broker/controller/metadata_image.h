// What a node knows of the cluster: the fold of the controller's records up to an offset. The controller and every broker apply the
// same records in the same order, so two images at one offset are equal; a broker's is merely late. A value; `apply` is pure.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "broker/config.h"
#include "broker/controller/metadata_records.h"
#include "protocol/runtime/node.h"
#include "protocol/types.h"

namespace acklab::broker {

using protocol::BrokerEpoch;
using protocol::BrokerId;
using protocol::LeaderEpoch;
using protocol::Offset;
using protocol::PartitionEpoch;
using protocol::TopicPartition;
using protocol::Uuid;

// In settings: not one broker but all of them.
inline constexpr BrokerId every_broker{};

struct BrokerRegistrationState {
  BrokerEpoch epoch{};
  Uuid incarnation;           // drawn by the broker when it starts: tells a repeated registration from a restart
  protocol::Address address;  // of its client listener
  bool fenced = true;
  bool shutting_down = false;  // asked to end in good order (controlled shutdown); only a new incarnation leads again

  friend bool operator==(const BrokerRegistrationState&, const BrokerRegistrationState&) = default;
};

struct PartitionState {
  std::vector<BrokerId> replicas;  // in assignment order; the first is preferred
  std::vector<BrokerId> isr;       // sorted
  BrokerId leader{};               // -1: none
  LeaderEpoch leader_epoch{};
  PartitionEpoch partition_epoch{};

  friend bool operator==(const PartitionState&, const PartitionState&) = default;
};

struct TopicState {
  Uuid id;
  Settings settings;  // its own; see BrokerConfig::of_topic() for what is in force
  std::vector<PartitionState> partitions;

  friend bool operator==(const TopicState&, const TopicState&) = default;
};

struct MetadataImage {
  Offset offset{0};  // the next record to apply
  std::map<BrokerId, BrokerRegistrationState> brokers;
  std::map<std::string, TopicState> topics;
  std::map<Uuid, std::string> topic_names;       // by id
  std::map<BrokerId, Settings> broker_settings;  // given to brokers while they run; to all of them under every_broker
  std::int64_t next_producer_id = 0;
  std::int32_t controller_epoch = -1;  // of the newest incarnation that has written

  // Takes in the record at `offset`. One that fits nothing (a partition of a topic that does not exist) changes nothing else, for
  // everyone alike.
  void apply(const MetadataRecord& record);

  // Empty if it has none of its own.
  const Settings& settings_of(BrokerId broker) const;
  const PartitionState* find(const TopicPartition& partition) const;
  const TopicState* find_topic(const std::string& name) const;
  const std::string* topic_name(const Uuid& id) const;
  bool alive(BrokerId broker) const;   // registered and not fenced
  bool usable(BrokerId broker) const;  // alive and not shutting down: may lead, and be in sync

  friend bool operator==(const MetadataImage&, const MetadataImage&) = default;
};

}  // namespace acklab::broker
