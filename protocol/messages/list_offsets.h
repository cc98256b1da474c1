// ListOffsets (key 2): the offset at a time, or a place that a negative timestamp names: -1 latest, -2 earliest, -3 the record with the
// largest timestamp, -4 the earliest on the leader's own disk, -5 the latest in tiered storage.
//
// Versions: 0 where segments begin, as many as are wanted; 1 one offset and its timestamp (KIP-79); 2 isolation level (KIP-98); 4
// leader epoch (KIP-320); 5 OFFSET_NOT_AVAILABLE (KIP-207); 6 flexible (KIP-482); 7 timestamp -3 (KIP-734); 8 -4 (KIP-405); 9 -5
// (KIP-1005); 10 a time-out, for what has to be read from tiered storage (KIP-1075).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "protocol/types.h"
#include "protocol/wire/codec.h"

namespace acklab::protocol {

struct ListOffsetsRequest {
  static constexpr MessageInfo info{2, 0, 10, 6};

  struct Partition {
    std::int32_t partition_index = 0;
    std::int32_t current_leader_epoch = -1;
    std::int64_t timestamp = 0;
    std::int32_t max_num_offsets = 1;

    static constexpr void describe(auto& self, auto&& field) {
      field(self.partition_index,      "PartitionIndex",     since(0));
      field(self.current_leader_epoch, "CurrentLeaderEpoch", since(4));
      field(self.timestamp,            "Timestamp",          since(0));
      field(self.max_num_offsets,      "MaxNumOffsets",      since(0).until(0));
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

  std::int32_t replica_id = 0;
  std::int8_t isolation_level = 0;
  std::vector<Topic> topics;
  std::int32_t timeout_ms = 0;

  static constexpr std::int64_t latest_timestamp = -1;
  static constexpr std::int64_t earliest_timestamp = -2;
  static constexpr std::int64_t max_timestamp = -3;
  static constexpr std::int64_t earliest_local_timestamp = -4;
  static constexpr std::int64_t latest_tiered_timestamp = -5;

  static constexpr void describe(auto& self, auto&& field) {
    field(self.replica_id,      "ReplicaId",      since(0));
    field(self.isolation_level, "IsolationLevel", since(2));
    field(self.topics,          "Topics",         since(0));
    field(self.timeout_ms,      "TimeoutMs",      since(10));
  }
};

struct ListOffsetsResponse {
  static constexpr MessageInfo info{2, 0, 10, 6};

  struct Partition {
    std::int32_t partition_index = 0;
    ErrorCode error_code = ErrorCode::none;
    std::vector<std::int64_t> old_style_offsets;
    std::int64_t timestamp = -1;
    std::int64_t offset = -1;
    std::int32_t leader_epoch = -1;

    static constexpr void describe(auto& self, auto&& field) {
      field(self.partition_index,   "PartitionIndex",  since(0));
      field(self.error_code,        "ErrorCode",       since(0));
      field(self.old_style_offsets, "OldStyleOffsets", since(0).until(0));
      field(self.timestamp,         "Timestamp",       since(1));
      field(self.offset,            "Offset",          since(1));
      field(self.leader_epoch,      "LeaderEpoch",     since(4));
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
    field(self.throttle_time_ms, "ThrottleTimeMs", since(2));
    field(self.topics,           "Topics",         since(0));
  }
};

}  // namespace acklab::protocol
