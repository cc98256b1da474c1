// DescribeLogDirs (key 35): how large the replicas on the broker that is asked are (KIP-113).
//
// Versions: 2 flexible; 3 a code for the request as a whole; 4 the size of the disk (KIP-827).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "protocol/types.h"
#include "protocol/wire/codec.h"

namespace acklab::protocol {

struct DescribeLogDirsRequest {
  static constexpr MessageInfo info{35, 0, 4, 2};

  struct Topic {
    std::string topic;
    std::vector<std::int32_t> partitions;

    static constexpr void describe(auto& self, auto&& field) {
      field(self.topic,      "Topic",      since(0));
      field(self.partitions, "Partitions", since(0));
    }
  };

  Nullable<std::vector<Topic>> topics = std::vector<Topic>{};  // null: all

  static constexpr void describe(auto& self, auto&& field) {
    field(self.topics, "Topics", since(0).nullable(0));
  }
};

struct DescribeLogDirsResponse {
  static constexpr MessageInfo info{35, 0, 4, 2};

  struct Partition {
    std::int32_t partition_index = 0;
    std::int64_t partition_size = 0;
    std::int64_t offset_lag = 0;
    bool is_future_key = false;

    static constexpr void describe(auto& self, auto&& field) {
      field(self.partition_index, "PartitionIndex", since(0));
      field(self.partition_size,  "PartitionSize",  since(0));
      field(self.offset_lag,      "OffsetLag",      since(0));
      field(self.is_future_key,   "IsFutureKey",    since(0));
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

  struct LogDir {
    ErrorCode error_code = ErrorCode::none;
    std::string log_dir;
    std::vector<Topic> topics;
    std::int64_t total_bytes = -1;
    std::int64_t usable_bytes = -1;

    static constexpr void describe(auto& self, auto&& field) {
      field(self.error_code,   "ErrorCode",   since(0));
      field(self.log_dir,      "LogDir",      since(0));
      field(self.topics,       "Topics",      since(0));
      field(self.total_bytes,  "TotalBytes",  since(4));
      field(self.usable_bytes, "UsableBytes", since(4));
    }
  };

  std::int32_t throttle_time_ms = 0;
  ErrorCode error_code = ErrorCode::none;
  std::vector<LogDir> results;

  static constexpr void describe(auto& self, auto&& field) {
    field(self.throttle_time_ms, "ThrottleTimeMs", since(0));
    field(self.error_code,       "ErrorCode",      since(3));
    field(self.results,          "Results",        since(0));
  }
};

}  // namespace acklab::protocol
