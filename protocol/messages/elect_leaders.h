// ElectLeaders (key 43): hold an election for partitions now; the controller decides, any broker forwards to it.
//
// Versions: 1 unclean elections as well, and a code for the request as a whole (KIP-460); 2 flexible.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "protocol/types.h"
#include "protocol/wire/codec.h"

namespace acklab::protocol {

struct ElectLeadersRequest {
  static constexpr MessageInfo info{43, 0, 2, 2};

  struct Topic {
    std::string topic;
    std::vector<std::int32_t> partitions;

    static constexpr void describe(auto& self, auto&& field) {
      field(self.topic,      "Topic",      since(0));
      field(self.partitions, "Partitions", since(0));
    }
  };

  std::int8_t election_type = 0;                                               // see Election
  Nullable<std::vector<Topic>> topic_partitions = std::vector<Topic>{};  // null: all that there are
  std::int32_t timeout_ms = 60000;

  static constexpr void describe(auto& self, auto&& field) {
    field(self.election_type,    "ElectionType",    since(1));
    field(self.topic_partitions, "TopicPartitions", since(0).nullable(0));
    field(self.timeout_ms,       "TimeoutMs",       since(0));
  }
};

struct ElectLeadersResponse {
  static constexpr MessageInfo info{43, 0, 2, 2};

  struct Partition {
    std::int32_t partition_id = 0;
    ErrorCode error_code = ErrorCode::none;
    Nullable<std::string> error_message = std::string{};

    static constexpr void describe(auto& self, auto&& field) {
      field(self.partition_id,  "PartitionId",  since(0));
      field(self.error_code,    "ErrorCode",    since(0));
      field(self.error_message, "ErrorMessage", since(0).nullable(0));
    }
  };

  struct Topic {
    std::string topic;
    std::vector<Partition> partitions;

    static constexpr void describe(auto& self, auto&& field) {
      field(self.topic,      "Topic",           since(0));
      field(self.partitions, "PartitionResult", since(0));
    }
  };

  std::int32_t throttle_time_ms = 0;
  ErrorCode error_code = ErrorCode::none;
  std::vector<Topic> topics;

  static constexpr void describe(auto& self, auto&& field) {
    field(self.throttle_time_ms, "ThrottleTimeMs",         since(0));
    field(self.error_code,       "ErrorCode",              since(1));
    field(self.topics,           "ReplicaElectionResults", since(0));
  }
};

}  // namespace acklab::protocol
