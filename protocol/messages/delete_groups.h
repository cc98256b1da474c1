// DeleteGroups (key 42): forget groups that have no members (KIP-229).
//
// Versions: 1 throttle time counts; 2 flexible.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "protocol/types.h"
#include "protocol/wire/codec.h"

namespace acklab::protocol {

struct DeleteGroupsRequest {
  static constexpr MessageInfo info{42, 0, 2, 2};

  std::vector<std::string> groups_names;

  static constexpr void describe(auto& self, auto&& field) {
    field(self.groups_names, "GroupsNames", since(0));
  }
};

struct DeleteGroupsResponse {
  static constexpr MessageInfo info{42, 0, 2, 2};

  struct Result {
    std::string group_id;
    ErrorCode error_code = ErrorCode::none;

    static constexpr void describe(auto& self, auto&& field) {
      field(self.group_id,   "GroupId",   since(0));
      field(self.error_code, "ErrorCode", since(0));
    }
  };

  std::int32_t throttle_time_ms = 0;
  std::vector<Result> results;

  static constexpr void describe(auto& self, auto&& field) {
    field(self.throttle_time_ms, "ThrottleTimeMs", since(0));
    field(self.results,          "Results",        since(0));
  }
};

}  // namespace acklab::protocol
