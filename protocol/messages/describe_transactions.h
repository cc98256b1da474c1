// DescribeTransactions (key 65): how transactions stand, asked of their coordinator (KIP-664).
//
// Versions: flexible from the beginning.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "protocol/types.h"
#include "protocol/wire/codec.h"

namespace acklab::protocol {

struct DescribeTransactionsRequest {
  static constexpr MessageInfo info{65, 0, 0, 0};

  std::vector<std::string> transactional_ids;

  static constexpr void describe(auto& self, auto&& field) {
    field(self.transactional_ids, "TransactionalIds", since(0));
  }
};

struct DescribeTransactionsResponse {
  static constexpr MessageInfo info{65, 0, 0, 0};

  struct Topic {
    std::string topic;
    std::vector<std::int32_t> partitions;

    static constexpr void describe(auto& self, auto&& field) {
      field(self.topic,      "Topic",      since(0));
      field(self.partitions, "Partitions", since(0));
    }
  };

  struct TransactionState {
    ErrorCode error_code = ErrorCode::none;
    std::string transactional_id;
    std::string transaction_state;
    std::int32_t transaction_timeout_ms = 0;
    std::int64_t transaction_start_time_ms = 0;
    std::int64_t producer_id = 0;
    std::int16_t producer_epoch = 0;
    std::vector<Topic> topics;

    static constexpr void describe(auto& self, auto&& field) {
      field(self.error_code,                "ErrorCode",              since(0));
      field(self.transactional_id,          "TransactionalId",        since(0));
      field(self.transaction_state,         "TransactionState",       since(0));
      field(self.transaction_timeout_ms,    "TransactionTimeoutMs",   since(0));
      field(self.transaction_start_time_ms, "TransactionStartTimeMs", since(0));
      field(self.producer_id,               "ProducerId",             since(0));
      field(self.producer_epoch,            "ProducerEpoch",          since(0));
      field(self.topics,                    "Topics",                 since(0));
    }
  };

  std::int32_t throttle_time_ms = 0;
  std::vector<TransactionState> transaction_states;

  static constexpr void describe(auto& self, auto&& field) {
    field(self.throttle_time_ms,   "ThrottleTimeMs",    since(0));
    field(self.transaction_states, "TransactionStates", since(0));
  }
};

}  // namespace acklab::protocol
