// SaslHandshake (key 17): which mechanism a client will prove itself by. The answer lists those that there are.
//
// Versions: after 0 the tokens follow as bare frames without header; 1 they travel in SaslAuthenticate (KIP-152).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "protocol/types.h"
#include "protocol/wire/codec.h"

namespace acklab::protocol {

struct SaslHandshakeRequest {
  static constexpr MessageInfo info{17, 0, 1, Spec::never};

  std::string mechanism;

  static constexpr void describe(auto& self, auto&& field) {
    field(self.mechanism, "Mechanism", since(0));
  }
};

struct SaslHandshakeResponse {
  static constexpr MessageInfo info{17, 0, 1, Spec::never};

  ErrorCode error_code = ErrorCode::none;
  std::vector<std::string> mechanisms;

  static constexpr void describe(auto& self, auto&& field) {
    field(self.error_code, "ErrorCode",  since(0));
    field(self.mechanisms, "Mechanisms", since(0));
  }
};

}  // namespace acklab::protocol
