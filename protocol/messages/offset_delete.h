// OffsetDelete (key 47): forget what a group has committed for topics that it does not read any more (KIP-496).
//
// Versions: never flexible.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "protocol/types.h"
#include "protocol/wire/codec.h"

namespace acklab::protocol {

struct OffsetDeleteRequest {
  static constexpr MessageInfo info{47, 0, 0, Spec::never};

  struct Partition {
    std::int32_t partition_index = 0;

    static constexpr void describe(auto& self, auto&& field) {
      field(self.partition_index, "PartitionIndex", since(0));
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

  std::string group_id;
  std::vector<Topic> topics;

  static constexpr void describe(auto& self, auto&& field) {
    field(self.group_id, "GroupId", since(0));
    field(self.topics,   "Topics",  since(0));
  }
};

struct OffsetDeleteResponse {
  static constexpr MessageInfo info{47, 0, 0, Spec::never};

  struct Partition {
    std::int32_t partition_index = 0;
    ErrorCode error_code = ErrorCode::none;

    static constexpr void describe(auto& self, auto&& field) {
      field(self.partition_index, "PartitionIndex", since(0));
      field(self.error_code,      "ErrorCode",      since(0));
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

  ErrorCode error_code = ErrorCode::none;
  std::int32_t throttle_time_ms = 0;
  std::vector<Topic> topics;

  static constexpr void describe(auto& self, auto&& field) {
    field(self.error_code,       "ErrorCode",      since(0));
    field(self.throttle_time_ms, "ThrottleTimeMs", since(0));
    field(self.topics,           "Topics",         since(0));
  }
};

}  // namespace acklab::protocol
