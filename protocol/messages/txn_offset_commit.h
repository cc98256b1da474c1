// TxnOffsetCommit (key 28): offsets of a consumer group that are committed when a transaction is (KIP-98).
//
// Versions: 2 leader epoch (KIP-320); 3 flexible, generation and member, so that a zombie is fenced (KIP-447); 4 TRANSACTION_ABORTABLE;
// 5 without AddOffsetsToTxn before it (KIP-890).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "protocol/types.h"
#include "protocol/wire/codec.h"

namespace acklab::protocol {

struct TxnOffsetCommitRequest {
  static constexpr MessageInfo info{28, 0, 5, 3};

  struct Partition {
    std::int32_t partition_index = 0;
    std::int64_t committed_offset = 0;
    std::int32_t committed_leader_epoch = -1;
    Nullable<std::string> committed_metadata = std::string{};

    static constexpr void describe(auto& self, auto&& field) {
      field(self.partition_index,        "PartitionIndex",       since(0));
      field(self.committed_offset,       "CommittedOffset",      since(0));
      field(self.committed_leader_epoch, "CommittedLeaderEpoch", since(2));
      field(self.committed_metadata,     "CommittedMetadata",    since(0).nullable(0));
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

  std::string transactional_id;
  std::string group_id;
  std::int64_t producer_id = 0;
  std::int16_t producer_epoch = 0;
  std::int32_t generation_id = -1;
  std::string member_id;
  Nullable<std::string> group_instance_id;
  std::vector<Topic> topics;

  static constexpr void describe(auto& self, auto&& field) {
    field(self.transactional_id,  "TransactionalId", since(0));
    field(self.group_id,          "GroupId",         since(0));
    field(self.producer_id,       "ProducerId",      since(0));
    field(self.producer_epoch,    "ProducerEpoch",   since(0));
    field(self.generation_id,     "GenerationId",    since(3));
    field(self.member_id,         "MemberId",        since(3));
    field(self.group_instance_id, "GroupInstanceId", since(3).nullable(3));
    field(self.topics,            "Topics",          since(0));
  }
};

struct TxnOffsetCommitResponse {
  static constexpr MessageInfo info{28, 0, 5, 3};

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

  std::int32_t throttle_time_ms = 0;
  std::vector<Topic> topics;

  static constexpr void describe(auto& self, auto&& field) {
    field(self.throttle_time_ms, "ThrottleTimeMs", since(0));
    field(self.topics,           "Topics",         since(0));
  }
};

}  // namespace acklab::protocol
