// OffsetForLeaderEpoch (key 23): where a leader epoch ends, which is where two logs may part (KIP-101, KIP-279).
//
// Versions: 1 leader epoch in the answer; 2 current leader epoch (KIP-320); 3 replica id; 4 flexible.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "protocol/types.h"
#include "protocol/wire/codec.h"

namespace acklab::protocol {

struct OffsetForLeaderEpochRequest {
  static constexpr MessageInfo info{23, 0, 4, 4};

  struct Partition {
    std::int32_t partition = 0;
    std::int32_t current_leader_epoch = -1;
    std::int32_t leader_epoch = 0;

    static constexpr void describe(auto& self, auto&& field) {
      field(self.partition,            "Partition",          since(0));
      field(self.current_leader_epoch, "CurrentLeaderEpoch", since(2));
      field(self.leader_epoch,         "LeaderEpoch",        since(0));
    }
  };

  struct Topic {
    std::string topic;
    std::vector<Partition> partitions;

    static constexpr void describe(auto& self, auto&& field) {
      field(self.topic,      "Topic",      since(0));
      field(self.partitions, "Partitions", since(0));
    }
  };

  std::int32_t replica_id = -2;
  std::vector<Topic> topics;

  static constexpr void describe(auto& self, auto&& field) {
    field(self.replica_id, "ReplicaId", since(3));
    field(self.topics,     "Topics",    since(0));
  }
};

struct OffsetForLeaderEpochResponse {
  static constexpr MessageInfo info{23, 0, 4, 4};

  struct Partition {
    ErrorCode error_code = ErrorCode::none;
    std::int32_t partition = 0;
    std::int32_t leader_epoch = -1;
    std::int64_t end_offset = -1;

    static constexpr void describe(auto& self, auto&& field) {
      field(self.error_code,   "ErrorCode",   since(0));
      field(self.partition,    "Partition",   since(0));
      field(self.leader_epoch, "LeaderEpoch", since(1));
      field(self.end_offset,   "EndOffset",   since(0));
    }
  };

  struct Topic {
    std::string topic;
    std::vector<Partition> partitions;

    static constexpr void describe(auto& self, auto&& field) {
      field(self.topic,      "Topic",      since(0));
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
