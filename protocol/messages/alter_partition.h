// AlterPartition (key 56): a leader proposes a new ISR to the controller (KIP-497). Internal: never on a client listener.
//
// Versions: 2 topic id (KIP-841); 3 the broker epoch of each replica (KIP-903).
#pragma once

#include <cstdint>
#include <vector>

#include "protocol/types.h"
#include "protocol/wire/codec.h"

namespace acklab::protocol {

struct AlterPartitionRequest {
  static constexpr MessageInfo info{56, 2, 3, 0};

  struct BrokerState {
    std::int32_t broker_id = 0;
    std::int64_t broker_epoch = -1;

    static constexpr void describe(auto& self, auto&& field) {
      field(self.broker_id,    "BrokerId",    since(3));
      field(self.broker_epoch, "BrokerEpoch", since(3));
    }
  };

  struct Partition {
    std::int32_t partition_index = 0;
    std::int32_t leader_epoch = 0;
    std::vector<std::int32_t> new_isr;
    std::vector<BrokerState> new_isr_with_epochs;
    std::int8_t leader_recovery_state = 0;
    std::int32_t partition_epoch = 0;

    static constexpr void describe(auto& self, auto&& field) {
      field(self.partition_index,       "PartitionIndex",      since(0));
      field(self.leader_epoch,          "LeaderEpoch",         since(0));
      field(self.new_isr,               "NewIsr",              since(0).until(2));
      field(self.new_isr_with_epochs,   "NewIsrWithEpochs",    since(3));
      field(self.leader_recovery_state, "LeaderRecoveryState", since(1));
      field(self.partition_epoch,       "PartitionEpoch",      since(0));
    }
  };

  struct Topic {
    Uuid topic_id;
    std::vector<Partition> partitions;

    static constexpr void describe(auto& self, auto&& field) {
      field(self.topic_id,   "TopicId",    since(2));
      field(self.partitions, "Partitions", since(0));
    }
  };

  std::int32_t broker_id = 0;
  std::int64_t broker_epoch = -1;
  std::vector<Topic> topics;

  static constexpr void describe(auto& self, auto&& field) {
    field(self.broker_id,    "BrokerId",    since(0));
    field(self.broker_epoch, "BrokerEpoch", since(0));
    field(self.topics,       "Topics",      since(0));
  }
};

struct AlterPartitionResponse {
  static constexpr MessageInfo info{56, 2, 3, 0};

  struct Partition {
    std::int32_t partition_index = 0;
    ErrorCode error_code = ErrorCode::none;
    std::int32_t leader_id = 0;
    std::int32_t leader_epoch = 0;
    std::vector<std::int32_t> isr;
    std::int8_t leader_recovery_state = 0;
    std::int32_t partition_epoch = 0;

    static constexpr void describe(auto& self, auto&& field) {
      field(self.partition_index,       "PartitionIndex",      since(0));
      field(self.error_code,            "ErrorCode",           since(0));
      field(self.leader_id,             "LeaderId",            since(0));
      field(self.leader_epoch,          "LeaderEpoch",         since(0));
      field(self.isr,                   "Isr",                 since(0));
      field(self.leader_recovery_state, "LeaderRecoveryState", since(1));
      field(self.partition_epoch,       "PartitionEpoch",      since(0));
    }
  };

  struct Topic {
    Uuid topic_id;
    std::vector<Partition> partitions;

    static constexpr void describe(auto& self, auto&& field) {
      field(self.topic_id,   "TopicId",    since(2));
      field(self.partitions, "Partitions", since(0));
    }
  };

  std::int32_t throttle_time_ms = 0;
  ErrorCode error_code = ErrorCode::none;
  std::vector<Topic> topics;

  static constexpr void describe(auto& self, auto&& field) {
    field(self.throttle_time_ms, "ThrottleTimeMs", since(0));
    field(self.error_code,       "ErrorCode",      since(0));
    field(self.topics,           "Topics",         since(0));
  }
};

}  // namespace acklab::protocol
