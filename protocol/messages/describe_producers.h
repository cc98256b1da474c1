// DescribeProducers (key 61): what a partition's leader knows of its producers (KIP-664).
//
// Versions: flexible from the beginning.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "protocol/types.h"
#include "protocol/wire/codec.h"

namespace acklab::protocol {

struct DescribeProducersRequest {
  static constexpr MessageInfo info{61, 0, 0, 0};

  struct Topic {
    std::string name;
    std::vector<std::int32_t> partition_indexes;

    static constexpr void describe(auto& self, auto&& field) {
      field(self.name,              "Name",             since(0));
      field(self.partition_indexes, "PartitionIndexes", since(0));
    }
  };

  std::vector<Topic> topics;

  static constexpr void describe(auto& self, auto&& field) {
    field(self.topics, "Topics", since(0));
  }
};

struct DescribeProducersResponse {
  static constexpr MessageInfo info{61, 0, 0, 0};

  struct Producer {
    std::int64_t producer_id = 0;
    std::int32_t producer_epoch = 0;
    std::int32_t last_sequence = -1;
    std::int64_t last_timestamp = -1;
    std::int32_t coordinator_epoch = 0;
    std::int64_t current_txn_start_offset = -1;

    static constexpr void describe(auto& self, auto&& field) {
      field(self.producer_id,              "ProducerId",            since(0));
      field(self.producer_epoch,           "ProducerEpoch",         since(0));
      field(self.last_sequence,            "LastSequence",          since(0));
      field(self.last_timestamp,           "LastTimestamp",         since(0));
      field(self.coordinator_epoch,        "CoordinatorEpoch",      since(0));
      field(self.current_txn_start_offset, "CurrentTxnStartOffset", since(0));
    }
  };

  struct Partition {
    std::int32_t partition_index = 0;
    ErrorCode error_code = ErrorCode::none;
    Nullable<std::string> error_message;
    std::vector<Producer> active_producers;

    static constexpr void describe(auto& self, auto&& field) {
      field(self.partition_index,  "PartitionIndex",  since(0));
      field(self.error_code,       "ErrorCode",       since(0));
      field(self.error_message,    "ErrorMessage",    since(0).nullable(0));
      field(self.active_producers, "ActiveProducers", since(0));
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
