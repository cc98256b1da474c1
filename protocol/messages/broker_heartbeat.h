// BrokerHeartbeat (key 63): keeps a broker's session alive, unfences it once it is caught up (KIP-631). Internal.
#pragma once

#include <cstdint>
#include <vector>

#include "protocol/types.h"
#include "protocol/wire/codec.h"

namespace acklab::protocol {

struct BrokerHeartbeatRequest {
  static constexpr MessageInfo info{63, 0, 1, 0};

  std::int32_t broker_id = 0;
  std::int64_t broker_epoch = -1;
  std::int64_t current_metadata_offset = 0;
  bool want_fence = false;
  bool want_shut_down = false;
  Tagged<std::vector<Uuid>> offline_log_dirs;

  static constexpr void describe(auto& self, auto&& field) {
    field(self.broker_id,               "BrokerId",              since(0));
    field(self.broker_epoch,            "BrokerEpoch",           since(0));
    field(self.current_metadata_offset, "CurrentMetadataOffset", since(0));
    field(self.want_fence,              "WantFence",             since(0));
    field(self.want_shut_down,          "WantShutDown",          since(0));
    field(self.offline_log_dirs,        "OfflineLogDirs",        since(1).tag(0));
  }
};

struct BrokerHeartbeatResponse {
  static constexpr MessageInfo info{63, 0, 1, 0};

  std::int32_t throttle_time_ms = 0;
  ErrorCode error_code = ErrorCode::none;
  bool is_caught_up = false;
  bool is_fenced = true;
  bool should_shut_down = false;

  static constexpr void describe(auto& self, auto&& field) {
    field(self.throttle_time_ms, "ThrottleTimeMs", since(0));
    field(self.error_code,       "ErrorCode",      since(0));
    field(self.is_caught_up,     "IsCaughtUp",     since(0));
    field(self.is_fenced,        "IsFenced",       since(0));
    field(self.should_shut_down, "ShouldShutDown", since(0));
  }
};

}  // namespace acklab::protocol
