// AddOffsetsToTxn (key 25): the transaction will commit offsets of this consumer group (KIP-98).
//
// Versions: 2 PRODUCER_FENCED; 3 flexible; 4 TRANSACTION_ABORTABLE (KIP-890).
#pragma once

#include <cstdint>
#include <string>

#include "protocol/types.h"
#include "protocol/wire/codec.h"

namespace acklab::protocol {

struct AddOffsetsToTxnRequest {
  static constexpr MessageInfo info{25, 0, 4, 3};

  std::string transactional_id;
  std::int64_t producer_id = 0;
  std::int16_t producer_epoch = 0;
  std::string group_id;

  static constexpr void describe(auto& self, auto&& field) {
    field(self.transactional_id, "TransactionalId", since(0));
    field(self.producer_id,      "ProducerId",      since(0));
    field(self.producer_epoch,   "ProducerEpoch",   since(0));
    field(self.group_id,         "GroupId",         since(0));
  }
};

struct AddOffsetsToTxnResponse {
  static constexpr MessageInfo info{25, 0, 4, 3};

  std::int32_t throttle_time_ms = 0;
  ErrorCode error_code = ErrorCode::none;

  static constexpr void describe(auto& self, auto&& field) {
    field(self.throttle_time_ms, "ThrottleTimeMs", since(0));
    field(self.error_code,       "ErrorCode",      since(0));
  }
};

}  // namespace acklab::protocol
