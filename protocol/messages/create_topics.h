// CreateTopics (key 19): make topics; the controller decides, any broker forwards to it.
//
// Versions: 1 validate only, error message; 4 default partitions and replication factor (KIP-464); 5 flexible, the effective
// configuration (KIP-525); 7 topic id (KIP-516).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "protocol/types.h"
#include "protocol/wire/codec.h"

namespace acklab::protocol {

struct CreateTopicsRequest {
  static constexpr MessageInfo info{19, 0, 7, 5};

  struct Assignment {
    std::int32_t partition_index = 0;
    std::vector<std::int32_t> broker_ids;

    static constexpr void describe(auto& self, auto&& field) {
      field(self.partition_index, "PartitionIndex", since(0));
      field(self.broker_ids,      "BrokerIds",      since(0));
    }
  };

  struct Config {
    std::string name;
    Nullable<std::string> value = std::string{};

    static constexpr void describe(auto& self, auto&& field) {
      field(self.name,  "Name",  since(0));
      field(self.value, "Value", since(0).nullable(0));
    }
  };

  struct Topic {
    std::string name;
    std::int32_t num_partitions = 0;
    std::int16_t replication_factor = 0;
    std::vector<Assignment> assignments;
    std::vector<Config> configs;

    static constexpr void describe(auto& self, auto&& field) {
      field(self.name,               "Name",              since(0));
      field(self.num_partitions,     "NumPartitions",     since(0));
      field(self.replication_factor, "ReplicationFactor", since(0));
      field(self.assignments,        "Assignments",       since(0));
      field(self.configs,            "Configs",           since(0));
    }
  };

  std::vector<Topic> topics;
  std::int32_t timeout_ms = 60000;
  bool validate_only = false;

  static constexpr void describe(auto& self, auto&& field) {
    field(self.topics,        "Topics",       since(0));
    field(self.timeout_ms,    "timeoutMs",    since(0));
    field(self.validate_only, "validateOnly", since(1));
  }
};

struct CreateTopicsResponse {
  static constexpr MessageInfo info{19, 0, 7, 5};

  struct Config {
    std::string name;
    Nullable<std::string> value = std::string{};
    bool read_only = false;
    std::int8_t config_source = -1;
    bool is_sensitive = false;

    static constexpr void describe(auto& self, auto&& field) {
      field(self.name,          "Name",         since(5));
      field(self.value,         "Value",        since(5).nullable(5));
      field(self.read_only,     "ReadOnly",     since(5));
      field(self.config_source, "ConfigSource", since(5));
      field(self.is_sensitive,  "IsSensitive",  since(5));
    }
  };

  struct Topic {
    std::string name;
    Uuid topic_id;
    ErrorCode error_code = ErrorCode::none;
    Nullable<std::string> error_message = std::string{};
    Tagged<ErrorCode> topic_config_error_code;
    std::int32_t num_partitions = -1;
    std::int16_t replication_factor = -1;
    Nullable<std::vector<Config>> configs = std::vector<Config>{};

    static constexpr void describe(auto& self, auto&& field) {
      field(self.name,                    "Name",                 since(0));
      field(self.topic_id,                "TopicId",              since(7));
      field(self.error_code,              "ErrorCode",            since(0));
      field(self.error_message,           "ErrorMessage",         since(1).nullable(1));
      field(self.topic_config_error_code, "TopicConfigErrorCode", since(5).tag(0));
      field(self.num_partitions,          "NumPartitions",        since(5));
      field(self.replication_factor,      "ReplicationFactor",    since(5));
      field(self.configs,                 "Configs",              since(5).nullable(5));
    }
  };

  std::int32_t throttle_time_ms = 0;
  std::vector<Topic> topics;

  static constexpr void describe(auto& self, auto&& field) {
    field(self.throttle_time_ms, "ThrottleTimeMs", since(2));
    field(self.topics,           "Topics",         since(0));
  }
};

}  // namespace acklab::protocol
