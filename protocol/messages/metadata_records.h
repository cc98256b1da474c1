// The controller's state is a log of these records, flushed before it answers. Brokers fetch them with MetadataFetch, a message of
// ours (key 20001, never on a client listener); in Kafka this is the KRaft metadata log (see broker/NOT_EMULATED.md).
//
// One record type with a kind, so that one declaration serves the log and the wire; fields that a kind does not use stay empty.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "protocol/types.h"
#include "protocol/wire/codec.h"

namespace acklab::protocol {

enum class MetadataRecordKind : std::int8_t {
  register_broker = 1,   // broker_id, broker_epoch, incarnation_id, host, port: a new incarnation, fenced
  fence_broker = 2,      // broker_id, broker_epoch
  unfence_broker = 3,    // broker_id, broker_epoch
  topic = 4,             // name, topic_id, settings
  partition = 5,         // topic_id, partition, replicas, isr, leader, epochs: created or changed, always whole
  producer_ids = 6,      // next_producer_id: all ids below it are handed out
  controller = 7,        // controller_epoch: an incarnation of the controller began its work
  shut_down_broker = 8,  // broker_id, broker_epoch: it wants to end, and leads nothing from here on
  topic_config = 9,      // topic_id, settings: all that the topic has of its own from here on
  broker_config = 10,    // broker_id (-1: all), settings: the same of a broker, while it runs
  remove_topic = 11,     // topic_id
};

struct MetadataRecord {
  static constexpr MessageInfo info{20000, 0, 0, 0};

  struct Setting {
    std::string key;
    std::string value;

    static constexpr void describe(auto& self, auto&& field) {
      field(self.key,   "Key",   since(0));
      field(self.value, "Value", since(0));
    }
  };

  std::int8_t kind = 0;
  std::int32_t broker_id = -1;
  std::int64_t broker_epoch = -1;
  Uuid incarnation_id;
  std::string host;
  std::uint16_t port = 0;
  std::string name;
  Uuid topic_id;
  std::vector<Setting> settings;
  std::int32_t partition = -1;
  std::vector<std::int32_t> replicas;
  std::vector<std::int32_t> isr;
  std::int32_t leader = -1;
  std::int32_t leader_epoch = -1;
  std::int32_t partition_epoch = -1;
  std::int64_t next_producer_id = 0;
  std::int32_t controller_epoch = -1;

  static constexpr void describe(auto& self, auto&& field) {
    field(self.kind,             "Kind",            since(0));
    field(self.broker_id,        "BrokerId",        since(0));
    field(self.broker_epoch,     "BrokerEpoch",     since(0));
    field(self.incarnation_id,   "IncarnationId",   since(0));
    field(self.host,             "Host",            since(0));
    field(self.port,             "Port",            since(0));
    field(self.name,             "Name",            since(0));
    field(self.topic_id,         "TopicId",         since(0));
    field(self.settings,         "Settings",        since(0));
    field(self.partition,        "Partition",       since(0));
    field(self.replicas,         "Replicas",        since(0));
    field(self.isr,              "Isr",             since(0));
    field(self.leader,           "Leader",          since(0));
    field(self.leader_epoch,     "LeaderEpoch",     since(0));
    field(self.partition_epoch,  "PartitionEpoch",  since(0));
    field(self.next_producer_id, "NextProducerId",  since(0));
    field(self.controller_epoch, "ControllerEpoch", since(0));
  }
};

// A broker asks for all records from an offset on; the controller answers when there are any, or after max_wait_ms.
struct MetadataFetchRequest {
  static constexpr MessageInfo info{20001, 0, 0, 0};

  std::int32_t broker_id = -1;
  std::int64_t from_offset = 0;
  std::int32_t max_wait_ms = 0;

  static constexpr void describe(auto& self, auto&& field) {
    field(self.broker_id,   "BrokerId",   since(0));
    field(self.from_offset, "FromOffset", since(0));
    field(self.max_wait_ms, "MaxWaitMs",  since(0));
  }
};

struct MetadataFetchResponse {
  static constexpr MessageInfo info{20001, 0, 0, 0};

  ErrorCode error_code = ErrorCode::none;
  std::int32_t controller_epoch = -1;
  std::int64_t from_offset = 0;
  std::vector<MetadataRecord> records;

  static constexpr void describe(auto& self, auto&& field) {
    field(self.error_code,       "ErrorCode",       since(0));
    field(self.controller_epoch, "ControllerEpoch", since(0));
    field(self.from_offset,      "FromOffset",      since(0));
    field(self.records,          "Records",         since(0));
  }
};

}  // namespace acklab::protocol
