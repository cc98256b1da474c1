// ListTransactions (key 66): the transactions that this broker coordinates (KIP-664).
//
// Versions: flexible from the beginning; 1 only those that run for so long (KIP-994); 2 only ids of a pattern (KIP-1152).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "protocol/types.h"
#include "protocol/wire/codec.h"

namespace acklab::protocol {

struct ListTransactionsRequest {
  static constexpr MessageInfo info{66, 0, 2, 0};

  std::vector<std::string> state_filters;
  std::vector<std::int64_t> producer_id_filters;
  std::int64_t duration_filter = -1;
  Nullable<std::string> transactional_id_pattern;

  static constexpr void describe(auto& self, auto&& field) {
    field(self.state_filters,            "StateFilters",           since(0));
    field(self.producer_id_filters,      "ProducerIdFilters",      since(0));
    field(self.duration_filter,          "DurationFilter",         since(1));
    field(self.transactional_id_pattern, "TransactionalIdPattern", since(2).nullable(2));
  }
};

struct ListTransactionsResponse {
  static constexpr MessageInfo info{66, 0, 2, 0};

  struct TransactionState {
    std::string transactional_id;
    std::int64_t producer_id = 0;
    std::string transaction_state;

    static constexpr void describe(auto& self, auto&& field) {
      field(self.transactional_id,  "TransactionalId",  since(0));
      field(self.producer_id,       "ProducerId",       since(0));
      field(self.transaction_state, "TransactionState", since(0));
    }
  };

  std::int32_t throttle_time_ms = 0;
  ErrorCode error_code = ErrorCode::none;
  std::vector<std::string> unknown_state_filters;
  std::vector<TransactionState> transaction_states;

  static constexpr void describe(auto& self, auto&& field) {
    field(self.throttle_time_ms,      "ThrottleTimeMs",      since(0));
    field(self.error_code,            "ErrorCode",           since(0));
    field(self.unknown_state_filters, "UnknownStateFilters", since(0));
    field(self.transaction_states,    "TransactionStates",   since(0));
  }
};

}  // namespace acklab::protocol
