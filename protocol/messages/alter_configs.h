// AlterConfigs (key 33): all that a resource is to have of its own; what is not named is taken back. The controller decides.
//
// Versions: 2 flexible.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "protocol/types.h"
#include "protocol/wire/codec.h"

namespace acklab::protocol {

struct AlterConfigsRequest {
  static constexpr MessageInfo info{33, 0, 2, 2};

  struct Config {
    std::string name;
    Nullable<std::string> value = std::string{};

    static constexpr void describe(auto& self, auto&& field) {
      field(self.name,  "Name",  since(0));
      field(self.value, "Value", since(0).nullable(0));
    }
  };

  struct Resource {
    std::int8_t resource_type = 0;  // see ConfigResource
    std::string resource_name;
    std::vector<Config> configs;

    static constexpr void describe(auto& self, auto&& field) {
      field(self.resource_type, "ResourceType", since(0));
      field(self.resource_name, "ResourceName", since(0));
      field(self.configs,       "Configs",      since(0));
    }
  };

  std::vector<Resource> resources;
  bool validate_only = false;

  static constexpr void describe(auto& self, auto&& field) {
    field(self.resources,     "Resources",    since(0));
    field(self.validate_only, "ValidateOnly", since(0));
  }
};

struct AlterConfigsResponse {
  static constexpr MessageInfo info{33, 0, 2, 2};

  struct Resource {
    ErrorCode error_code = ErrorCode::none;
    Nullable<std::string> error_message = std::string{};
    std::int8_t resource_type = 0;
    std::string resource_name;

    static constexpr void describe(auto& self, auto&& field) {
      field(self.error_code,    "ErrorCode",    since(0));
      field(self.error_message, "ErrorMessage", since(0).nullable(0));
      field(self.resource_type, "ResourceType", since(0));
      field(self.resource_name, "ResourceName", since(0));
    }
  };

  std::int32_t throttle_time_ms = 0;
  std::vector<Resource> responses;

  static constexpr void describe(auto& self, auto&& field) {
    field(self.throttle_time_ms, "ThrottleTimeMs", since(0));
    field(self.responses,        "Responses",      since(0));
  }
};

}  // namespace acklab::protocol
