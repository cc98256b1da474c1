// FindCoordinator (key 10): the broker that coordinates a consumer group or a transactional id.
//
// Versions: 1 key type (KIP-98); 3 flexible (KIP-482); 4 several keys at once (KIP-699); 5 TRANSACTION_ABORTABLE (KIP-890); 6 share groups
// (KIP-932).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "protocol/types.h"
#include "protocol/wire/codec.h"

namespace acklab::protocol {

struct FindCoordinatorRequest {
  static constexpr MessageInfo info{10, 0, 6, 3};

  std::string key;
  std::int8_t key_type = 0;
  std::vector<std::string> coordinator_keys{};

  static constexpr void describe(auto& self, auto&& field) {
    field(self.key,              "Key",             since(0).until(3));
    field(self.key_type,         "KeyType",         since(1));
    field(self.coordinator_keys, "CoordinatorKeys", since(4));
  }
};

struct FindCoordinatorResponse {
  static constexpr MessageInfo info{10, 0, 6, 3};

  struct Coordinator {
    std::string key;
    std::int32_t node_id = 0;
    std::string host;
    std::int32_t port = 0;
    ErrorCode error_code = ErrorCode::none;
    Nullable<std::string> error_message = std::string{};

    static constexpr void describe(auto& self, auto&& field) {
      field(self.key,           "Key",          since(4));
      field(self.node_id,       "NodeId",       since(4));
      field(self.host,          "Host",         since(4));
      field(self.port,          "Port",         since(4));
      field(self.error_code,    "ErrorCode",    since(4));
      field(self.error_message, "ErrorMessage", since(4).nullable(4));
    }
  };

  std::int32_t throttle_time_ms = 0;
  ErrorCode error_code = ErrorCode::none;
  Nullable<std::string> error_message = std::string{};
  std::int32_t node_id = 0;
  std::string host;
  std::int32_t port = 0;
  std::vector<Coordinator> coordinators;

  static constexpr void describe(auto& self, auto&& field) {
    field(self.throttle_time_ms, "ThrottleTimeMs", since(1));
    field(self.error_code,       "ErrorCode",      since(0).until(3));
    field(self.error_message,    "ErrorMessage",   since(1).until(3).nullable(1));
    field(self.node_id,          "NodeId",         since(0).until(3));
    field(self.host,             "Host",           since(0).until(3));
    field(self.port,             "Port",           since(0).until(3));
    field(self.coordinators,     "Coordinators",   since(4));
  }
};

}  // namespace acklab::protocol
