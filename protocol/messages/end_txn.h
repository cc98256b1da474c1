// EndTxn (key 26): commit or abort (KIP-98).
//
// Versions: 2 PRODUCER_FENCED; 3 flexible; 4 TRANSACTION_ABORTABLE; 5 the next transaction has another epoch, or another id when epochs
// are used up (KIP-890).
#pragma once

#include <cstdint>
#include <string>

#include "protocol/types.h"
#include "protocol/wire/codec.h"

namespace acklab::protocol {

struct EndTxnRequest {
  static constexpr MessageInfo info{26, 0, 5, 3};

  std::string transactional_id;
  std::int64_t producer_id = 0;
  std::int16_t producer_epoch = 0;
  bool committed = false;

  static constexpr void describe(auto& self, auto&& field) {
    field(self.transactional_id, "TransactionalId", since(0));
    field(self.producer_id,      "ProducerId",      since(0));
    field(self.producer_epoch,   "ProducerEpoch",   since(0));
    field(self.committed,        "Committed",       since(0));
  }
};

struct EndTxnResponse {
  static constexpr MessageInfo info{26, 0, 5, 3};

  std::int32_t throttle_time_ms = 0;
  ErrorCode error_code = ErrorCode::none;
  std::int64_t producer_id = -1;
  std::int16_t producer_epoch = -1;

  static constexpr void describe(auto& self, auto&& field) {
    field(self.throttle_time_ms, "ThrottleTimeMs", since(0));
    field(self.error_code,       "ErrorCode",      since(0));
    field(self.producer_id,      "ProducerId",     since(5));
    field(self.producer_epoch,   "ProducerEpoch",  since(5));
  }
};

}  // namespace acklab::protocol
