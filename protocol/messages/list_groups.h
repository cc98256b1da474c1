// ListGroups (key 16): the groups that this broker coordinates.
//
// Versions: 1 throttle time; 3 flexible; 4 only of these states (KIP-518); 5 only of these types (KIP-848).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "protocol/types.h"
#include "protocol/wire/codec.h"

namespace acklab::protocol {

struct ListGroupsRequest {
  static constexpr MessageInfo info{16, 0, 5, 3};

  std::vector<std::string> states_filter;
  std::vector<std::string> types_filter;

  static constexpr void describe(auto& self, auto&& field) {
    field(self.states_filter, "StatesFilter", since(4));
    field(self.types_filter,  "TypesFilter",  since(5));
  }
};

struct ListGroupsResponse {
  static constexpr MessageInfo info{16, 0, 5, 3};

  struct Group {
    std::string group_id;
    std::string protocol_type;
    std::string group_state;
    std::string group_type;

    static constexpr void describe(auto& self, auto&& field) {
      field(self.group_id,      "GroupId",      since(0));
      field(self.protocol_type, "ProtocolType", since(0));
      field(self.group_state,   "GroupState",   since(4));
      field(self.group_type,    "GroupType",    since(5));
    }
  };

  std::int32_t throttle_time_ms = 0;
  ErrorCode error_code = ErrorCode::none;
  std::vector<Group> groups;

  static constexpr void describe(auto& self, auto&& field) {
    field(self.throttle_time_ms, "ThrottleTimeMs", since(1));
    field(self.error_code,       "ErrorCode",      since(0));
    field(self.groups,           "Groups",         since(0));
  }
};

}  // namespace acklab::protocol
