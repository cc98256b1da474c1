// DeleteRecords (key 21): drop what lies before an offset; the leader does it (KIP-107).
//
// Versions: 2 flexible.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "protocol/types.h"
#include "protocol/wire/codec.h"

namespace acklab::protocol {

struct DeleteRecordsRequest {
  static constexpr MessageInfo info{21, 0, 2, 2};

  struct Partition {
    std::int32_t partition_index = 0;
    std::int64_t offset = 0;  // -1: the high watermark

    static constexpr void describe(auto& self, auto&& field) {
      field(self.partition_index, "PartitionIndex", since(0));
      field(self.offset,          "Offset",         since(0));
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

  std::vector<Topic> topics;
  std::int32_t timeout_ms = 0;

  static constexpr void describe(auto& self, auto&& field) {
    field(self.topics,     "Topics",    since(0));
    field(self.timeout_ms, "TimeoutMs", since(0));
  }
};

struct DeleteRecordsResponse {
  static constexpr MessageInfo info{21, 0, 2, 2};

  struct Partition {
    std::int32_t partition_index = 0;
    std::int64_t low_watermark = 0;
    ErrorCode error_code = ErrorCode::none;

    static constexpr void describe(auto& self, auto&& field) {
      field(self.partition_index, "PartitionIndex", since(0));
      field(self.low_watermark,   "LowWatermark",   since(0));
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

  std::int32_t throttle_time_ms = 0;
  std::vector<Topic> topics;

  static constexpr void describe(auto& self, auto&& field) {
    field(self.throttle_time_ms, "ThrottleTimeMs", since(0));
    field(self.topics,           "Topics",         since(0));
  }
};

}  // namespace acklab::protocol
