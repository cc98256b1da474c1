// InitProducerId (key 22): the identity of an idempotent or transactional producer (KIP-98).
//
// Versions: 2 flexible; 3 current id and epoch, for an epoch bump (KIP-360); 4 PRODUCER_FENCED; 5
// TRANSACTION_ABORTABLE (KIP-890).
#pragma once

#include <cstdint>
#include <string>

#include "protocol/types.h"
#include "protocol/wire/codec.h"

namespace acklab::protocol {

struct InitProducerIdRequest {
  static constexpr MessageInfo info{22, 0, 5, 2};

  Nullable<std::string> transactional_id = std::string{};
  std::int32_t transaction_timeout_ms = 0;
  std::int64_t producer_id = -1;
  std::int16_t producer_epoch = -1;

  static constexpr void describe(auto& self, auto&& field) {
    field(self.transactional_id,       "TransactionalId",      since(0).nullable(0));
    field(self.transaction_timeout_ms, "TransactionTimeoutMs", since(0));
    field(self.producer_id,            "ProducerId",           since(3));
    field(self.producer_epoch,         "ProducerEpoch",        since(3));
  }
};

struct InitProducerIdResponse {
  static constexpr MessageInfo info{22, 0, 5, 2};

  std::int32_t throttle_time_ms = 0;
  ErrorCode error_code = ErrorCode::none;
  std::int64_t producer_id = -1;
  std::int16_t producer_epoch = 0;

  static constexpr void describe(auto& self, auto&& field) {
    field(self.throttle_time_ms, "ThrottleTimeMs", since(0));
    field(self.error_code,       "ErrorCode",      since(0));
    field(self.producer_id,      "ProducerId",     since(0));
    field(self.producer_epoch,   "ProducerEpoch",  since(0));
  }
};

}  // namespace acklab::protocol
