// DescribeGroups (key 15): state and members of consumer groups, asked of their coordinator.
//
// Versions: 1 throttle time; 3 authorised operations (KIP-430); 4 static members (KIP-345); 5 flexible; 6 an error message, and
// GROUP_ID_NOT_FOUND instead of a dead group (KIP-1043).
#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "protocol/types.h"
#include "protocol/wire/codec.h"

namespace acklab::protocol {

struct DescribeGroupsRequest {
  static constexpr MessageInfo info{15, 0, 6, 5};

  std::vector<std::string> groups;
  bool include_authorized_operations = false;

  static constexpr void describe(auto& self, auto&& field) {
    field(self.groups,                        "Groups",                      since(0));
    field(self.include_authorized_operations, "IncludeAuthorizedOperations", since(3));
  }
};

struct DescribeGroupsResponse {
  static constexpr MessageInfo info{15, 0, 6, 5};

  struct Member {
    std::string member_id;
    Nullable<std::string> group_instance_id;
    std::string client_id;
    std::string client_host;
    Slice member_metadata;
    Slice member_assignment;

    static constexpr void describe(auto& self, auto&& field) {
      field(self.member_id,         "MemberId",         since(0));
      field(self.group_instance_id, "GroupInstanceId",  since(4).nullable(4));
      field(self.client_id,         "ClientId",         since(0));
      field(self.client_host,       "ClientHost",       since(0));
      field(self.member_metadata,   "MemberMetadata",   since(0));
      field(self.member_assignment, "MemberAssignment", since(0));
    }
  };

  struct Group {
    ErrorCode error_code = ErrorCode::none;
    Nullable<std::string> error_message;
    std::string group_id;
    std::string group_state;
    std::string protocol_type;
    std::string protocol_data;
    std::vector<Member> members;
    std::int32_t authorized_operations = std::numeric_limits<std::int32_t>::min();

    static constexpr void describe(auto& self, auto&& field) {
      field(self.error_code,            "ErrorCode",            since(0));
      field(self.error_message,         "ErrorMessage",         since(6).nullable(6));
      field(self.group_id,              "GroupId",              since(0));
      field(self.group_state,           "GroupState",           since(0));
      field(self.protocol_type,         "ProtocolType",         since(0));
      field(self.protocol_data,         "ProtocolData",         since(0));
      field(self.members,               "Members",              since(0));
      field(self.authorized_operations, "AuthorizedOperations", since(3));
    }
  };

  std::int32_t throttle_time_ms = 0;
  std::vector<Group> groups;

  static constexpr void describe(auto& self, auto&& field) {
    field(self.throttle_time_ms, "ThrottleTimeMs", since(1));
    field(self.groups,           "Groups",         since(0));
  }
};

}  // namespace acklab::protocol
