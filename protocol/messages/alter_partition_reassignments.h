// AlterPartitionReassignments (key 45): move partitions to other brokers; null instead of replicas takes a move back (KIP-455).
//
// Versions: flexible from the beginning; 1 the number of replicas may be guarded (KIP-860).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "protocol/types.h"
#include "protocol/wire/codec.h"

namespace acklab::protocol {

struct AlterPartitionReassignmentsRequest {
  static constexpr MessageInfo info{45, 0, 1, 0};

  struct Partition {
    std::int32_t partition_index = 0;
    Nullable<std::vector<std::int32_t>> replicas;

    static constexpr void describe(auto& self, auto&& field) {
      field(self.partition_index, "PartitionIndex", since(0));
      field(self.replicas,        "Replicas",       since(0).nullable(0));
    }
  };

  struct Topic {
    std::string name;
    std::vector<Partition> partitions;

    static constexpr void describe(auto& self, auto&& field) {
      field(self.name,       "Name",       since(0));
      field(self.partitions, "Partitions", since(0));
    }
  };

  std::int32_t timeout_ms = 60000;
  bool allow_replication_factor_change = true;
  std::vector<Topic> topics;

  static constexpr void describe(auto& self, auto&& field) {
    field(self.timeout_ms,                      "TimeoutMs",                    since(0));
    field(self.allow_replication_factor_change, "AllowReplicationFactorChange", since(1));
    field(self.topics,                          "Topics",                       since(0));
  }
};

struct AlterPartitionReassignmentsResponse {
  static constexpr MessageInfo info{45, 0, 1, 0};

  struct Partition {
    std::int32_t partition_index = 0;
    ErrorCode error_code = ErrorCode::none;
    Nullable<std::string> error_message = std::string{};

    static constexpr void describe(auto& self, auto&& field) {
      field(self.partition_index, "PartitionIndex", since(0));
      field(self.error_code,      "ErrorCode",      since(0));
      field(self.error_message,   "ErrorMessage",   since(0).nullable(0));
    }
  };

  struct Topic {
    std::string name;
    std::vector<Partition> partitions;

    static constexpr void describe(auto& self, auto&& field) {
      field(self.name,       "Name",       since(0));
      field(self.partitions, "Partitions", since(0));
    }
  };

  std::int32_t throttle_time_ms = 0;
  bool allow_replication_factor_change = true;
  ErrorCode error_code = ErrorCode::none;
  Nullable<std::string> error_message = std::string{};
  std::vector<Topic> responses;

  static constexpr void describe(auto& self, auto&& field) {
    field(self.throttle_time_ms,                "ThrottleTimeMs",               since(0));
    field(self.allow_replication_factor_change, "AllowReplicationFactorChange", since(1));
    field(self.error_code,                      "ErrorCode",                    since(0));
    field(self.error_message,                   "ErrorMessage",                 since(0).nullable(0));
    field(self.responses,                       "Responses",                    since(0));
  }
};

}  // namespace acklab::protocol
