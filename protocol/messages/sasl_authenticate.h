// SaslAuthenticate (key 36): a token of the mechanism that SaslHandshake agreed on (KIP-152).
//
// Versions: 1 how long the session lives before it must be proved anew (KIP-368); 2 flexible.
#pragma once

#include <cstdint>
#include <string>

#include "protocol/types.h"
#include "protocol/wire/codec.h"

namespace acklab::protocol {

struct SaslAuthenticateRequest {
  static constexpr MessageInfo info{36, 0, 2, 2};

  Slice auth_bytes;

  static constexpr void describe(auto& self, auto&& field) {
    field(self.auth_bytes, "AuthBytes", since(0));
  }
};

struct SaslAuthenticateResponse {
  static constexpr MessageInfo info{36, 0, 2, 2};

  ErrorCode error_code = ErrorCode::none;
  Nullable<std::string> error_message = std::string{};
  Slice auth_bytes;
  std::int64_t session_lifetime_ms = 0;

  static constexpr void describe(auto& self, auto&& field) {
    field(self.error_code,          "ErrorCode",         since(0));
    field(self.error_message,       "ErrorMessage",      since(0).nullable(0));
    field(self.auth_bytes,          "AuthBytes",         since(0));
    field(self.session_lifetime_ms, "SessionLifetimeMs", since(1));
  }
};

}  // namespace acklab::protocol
