// ListPartitionReassignments (key 46): the partitions that are being moved, and how (KIP-455). Null asks for all.
//
// Versions: flexible from the beginning.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "protocol/types.h"
#include "protocol/wire/codec.h"

namespace acklab::protocol {

struct ListPartitionReassignmentsRequest {
  static constexpr MessageInfo info{46, 0, 0, 0};

  struct Topic {
    std::string name;
    std::vector<std::int32_t> partition_indexes;

    static constexpr void describe(auto& self, auto&& field) {
      field(self.name,              "Name",             since(0));
      field(self.partition_indexes, "PartitionIndexes", since(0));
    }
  };

  std::int32_t timeout_ms = 60000;
  Nullable<std::vector<Topic>> topics;

  static constexpr void describe(auto& self, auto&& field) {
    field(self.timeout_ms, "TimeoutMs", since(0));
    field(self.topics,     "Topics",    since(0).nullable(0));
  }
};

struct ListPartitionReassignmentsResponse {
  static constexpr MessageInfo info{46, 0, 0, 0};

  struct Partition {
    std::int32_t partition_index = 0;
    std::vector<std::int32_t> replicas;
    std::vector<std::int32_t> adding_replicas;
    std::vector<std::int32_t> removing_replicas;

    static constexpr void describe(auto& self, auto&& field) {
      field(self.partition_index,   "PartitionIndex",   since(0));
      field(self.replicas,          "Replicas",         since(0));
      field(self.adding_replicas,   "AddingReplicas",   since(0));
      field(self.removing_replicas, "RemovingReplicas", since(0));
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
  ErrorCode error_code = ErrorCode::none;
  Nullable<std::string> error_message = std::string{};
  std::vector<Topic> topics;

  static constexpr void describe(auto& self, auto&& field) {
    field(self.throttle_time_ms, "ThrottleTimeMs", since(0));
    field(self.error_code,       "ErrorCode",      since(0));
    field(self.error_message,    "ErrorMessage",   since(0).nullable(0));
    field(self.topics,           "Topics",         since(0));
  }
};

}  // namespace acklab::protocol
