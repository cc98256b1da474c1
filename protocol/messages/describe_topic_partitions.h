// DescribeTopicPartitions (key 75): as Metadata, but in pages, and with eligible leader replicas (KIP-966).
//
// Versions: flexible from the beginning.
#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "protocol/types.h"
#include "protocol/wire/codec.h"

namespace acklab::protocol {

struct DescribeTopicPartitionsRequest {
  static constexpr MessageInfo info{75, 0, 0, 0};

  struct Topic {
    std::string name;

    static constexpr void describe(auto& self, auto&& field) {
      field(self.name, "Name", since(0));
    }
  };

  struct Cursor {
    std::string topic_name;
    std::int32_t partition_index = 0;

    static constexpr void describe(auto& self, auto&& field) {
      field(self.topic_name,      "TopicName",      since(0));
      field(self.partition_index, "PartitionIndex", since(0));
    }
  };

  std::vector<Topic> topics;
  std::int32_t response_partition_limit = 2000;
  Nullable<Cursor> cursor;

  static constexpr void describe(auto& self, auto&& field) {
    field(self.topics,                   "Topics",                 since(0));
    field(self.response_partition_limit, "ResponsePartitionLimit", since(0));
    field(self.cursor,                   "Cursor",                 since(0).nullable(0));
  }
};

struct DescribeTopicPartitionsResponse {
  static constexpr MessageInfo info{75, 0, 0, 0};

  struct Partition {
    ErrorCode error_code = ErrorCode::none;
    std::int32_t partition_index = 0;
    std::int32_t leader_id = 0;
    std::int32_t leader_epoch = -1;
    std::vector<std::int32_t> replica_nodes;
    std::vector<std::int32_t> isr_nodes;
    Nullable<std::vector<std::int32_t>> eligible_leader_replicas;
    Nullable<std::vector<std::int32_t>> last_known_elr;
    std::vector<std::int32_t> offline_replicas;

    static constexpr void describe(auto& self, auto&& field) {
      field(self.error_code,               "ErrorCode",              since(0));
      field(self.partition_index,          "PartitionIndex",         since(0));
      field(self.leader_id,                "LeaderId",               since(0));
      field(self.leader_epoch,             "LeaderEpoch",            since(0));
      field(self.replica_nodes,            "ReplicaNodes",           since(0));
      field(self.isr_nodes,                "IsrNodes",               since(0));
      field(self.eligible_leader_replicas, "EligibleLeaderReplicas", since(0).nullable(0));
      field(self.last_known_elr,           "LastKnownElr",           since(0).nullable(0));
      field(self.offline_replicas,         "OfflineReplicas",        since(0));
    }
  };

  struct Topic {
    ErrorCode error_code = ErrorCode::none;
    Nullable<std::string> name = std::string{};
    Uuid topic_id;
    bool is_internal = false;
    std::vector<Partition> partitions;
    std::int32_t topic_authorized_operations = std::numeric_limits<std::int32_t>::min();

    static constexpr void describe(auto& self, auto&& field) {
      field(self.error_code,                  "ErrorCode",                 since(0));
      field(self.name,                        "Name",                      since(0).nullable(0));
      field(self.topic_id,                    "TopicId",                   since(0));
      field(self.is_internal,                 "IsInternal",                since(0));
      field(self.partitions,                  "Partitions",                since(0));
      field(self.topic_authorized_operations, "TopicAuthorizedOperations", since(0));
    }
  };

  struct Cursor {
    std::string topic_name;
    std::int32_t partition_index = 0;

    static constexpr void describe(auto& self, auto&& field) {
      field(self.topic_name,      "TopicName",      since(0));
      field(self.partition_index, "PartitionIndex", since(0));
    }
  };

  std::int32_t throttle_time_ms = 0;
  std::vector<Topic> topics;
  Nullable<Cursor> next_cursor;

  static constexpr void describe(auto& self, auto&& field) {
    field(self.throttle_time_ms, "ThrottleTimeMs", since(0));
    field(self.topics,           "Topics",         since(0));
    field(self.next_cursor,      "NextCursor",     since(0).nullable(0));
  }
};

}  // namespace acklab::protocol
