// LeaveGroup (key 13): members that need not be waited for until their sessions end.
//
// Versions: 1 throttle time; 3 several members, static ones too (KIP-345); 4 flexible; 5 why they leave (KIP-800).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "protocol/types.h"
#include "protocol/wire/codec.h"

namespace acklab::protocol {

struct LeaveGroupRequest {
  static constexpr MessageInfo info{13, 0, 5, 4};

  struct Member {
    std::string member_id;
    Nullable<std::string> group_instance_id;
    Nullable<std::string> reason;

    static constexpr void describe(auto& self, auto&& field) {
      field(self.member_id,         "MemberId",        since(3));
      field(self.group_instance_id, "GroupInstanceId", since(3).nullable(3));
      field(self.reason,            "Reason",          since(5).nullable(5));
    }
  };

  std::string group_id;
  std::string member_id;
  std::vector<Member> members;

  static constexpr void describe(auto& self, auto&& field) {
    field(self.group_id,  "GroupId",  since(0));
    field(self.member_id, "MemberId", since(0).until(2));
    field(self.members,   "Members",  since(3));
  }
};

struct LeaveGroupResponse {
  static constexpr MessageInfo info{13, 0, 5, 4};

  struct Member {
    std::string member_id;
    Nullable<std::string> group_instance_id = std::string{};
    ErrorCode error_code = ErrorCode::none;

    static constexpr void describe(auto& self, auto&& field) {
      field(self.member_id,         "MemberId",        since(3));
      field(self.group_instance_id, "GroupInstanceId", since(3).nullable(3));
      field(self.error_code,        "ErrorCode",       since(3));
    }
  };

  std::int32_t throttle_time_ms = 0;
  ErrorCode error_code = ErrorCode::none;
  std::vector<Member> members;

  static constexpr void describe(auto& self, auto&& field) {
    field(self.throttle_time_ms, "ThrottleTimeMs", since(1));
    field(self.error_code,       "ErrorCode",      since(0));
    field(self.members,          "Members",        since(3));
  }
};

}  // namespace acklab::protocol
