// Heartbeat (key 12): a member of a group is alive. The code of the answer tells it of a rebalance.
//
// Versions: 1 throttle time; 3 static members (KIP-345); 4 flexible.
#pragma once

#include <cstdint>
#include <string>

#include "protocol/types.h"
#include "protocol/wire/codec.h"

namespace acklab::protocol {

struct HeartbeatRequest {
  static constexpr MessageInfo info{12, 0, 4, 4};

  std::string group_id;
  std::int32_t generation_id = 0;
  std::string member_id;
  Nullable<std::string> group_instance_id;

  static constexpr void describe(auto& self, auto&& field) {
    field(self.group_id,          "GroupId",         since(0));
    field(self.generation_id,     "GenerationId",    since(0));
    field(self.member_id,         "MemberId",        since(0));
    field(self.group_instance_id, "GroupInstanceId", since(3).nullable(3));
  }
};

struct HeartbeatResponse {
  static constexpr MessageInfo info{12, 0, 4, 4};

  std::int32_t throttle_time_ms = 0;
  ErrorCode error_code = ErrorCode::none;

  static constexpr void describe(auto& self, auto&& field) {
    field(self.throttle_time_ms, "ThrottleTimeMs", since(1));
    field(self.error_code,       "ErrorCode",      since(0));
  }
};

}  // namespace acklab::protocol
