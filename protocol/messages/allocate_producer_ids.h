// AllocateProducerIds (key 67): a block of producer ids that no other broker will hand out (KIP-730). Internal.
#pragma once

#include <cstdint>

#include "protocol/types.h"
#include "protocol/wire/codec.h"

namespace acklab::protocol {

struct AllocateProducerIdsRequest {
  static constexpr MessageInfo info{67, 0, 0, 0};

  std::int32_t broker_id = 0;
  std::int64_t broker_epoch = -1;

  static constexpr void describe(auto& self, auto&& field) {
    field(self.broker_id,    "BrokerId",    since(0));
    field(self.broker_epoch, "BrokerEpoch", since(0));
  }
};

struct AllocateProducerIdsResponse {
  static constexpr MessageInfo info{67, 0, 0, 0};

  std::int32_t throttle_time_ms = 0;
  ErrorCode error_code = ErrorCode::none;
  std::int64_t producer_id_start = 0;
  std::int32_t producer_id_len = 0;

  static constexpr void describe(auto& self, auto&& field) {
    field(self.throttle_time_ms,  "ThrottleTimeMs",  since(0));
    field(self.error_code,        "ErrorCode",       since(0));
    field(self.producer_id_start, "ProducerIdStart", since(0));
    field(self.producer_id_len,   "ProducerIdLen",   since(0));
  }
};

}  // namespace acklab::protocol
