// SyncGroup (key 14): after JoinGroup the leader brings the assignment, the other members wait for their part of it.
//
// Versions: 1 throttle time; 3 static members (KIP-345); 4 flexible; 5 protocol type and name, to be compared (KIP-559).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "protocol/types.h"
#include "protocol/wire/codec.h"

namespace acklab::protocol {

struct SyncGroupRequest {
  static constexpr MessageInfo info{14, 0, 5, 4};

  struct Assignment {
    std::string member_id;
    Slice assignment;

    static constexpr void describe(auto& self, auto&& field) {
      field(self.member_id,  "MemberId",   since(0));
      field(self.assignment, "Assignment", since(0));
    }
  };

  std::string group_id;
  std::int32_t generation_id = 0;
  std::string member_id;
  Nullable<std::string> group_instance_id;
  Nullable<std::string> protocol_type;
  Nullable<std::string> protocol_name;
  std::vector<Assignment> assignments;

  static constexpr void describe(auto& self, auto&& field) {
    field(self.group_id,          "GroupId",         since(0));
    field(self.generation_id,     "GenerationId",    since(0));
    field(self.member_id,         "MemberId",        since(0));
    field(self.group_instance_id, "GroupInstanceId", since(3).nullable(3));
    field(self.protocol_type,     "ProtocolType",    since(5).nullable(5));
    field(self.protocol_name,     "ProtocolName",    since(5).nullable(5));
    field(self.assignments,       "Assignments",     since(0));
  }
};

struct SyncGroupResponse {
  static constexpr MessageInfo info{14, 0, 5, 4};

  std::int32_t throttle_time_ms = 0;
  ErrorCode error_code = ErrorCode::none;
  Nullable<std::string> protocol_type;
  Nullable<std::string> protocol_name;
  Slice assignment;

  static constexpr void describe(auto& self, auto&& field) {
    field(self.throttle_time_ms, "ThrottleTimeMs", since(1));
    field(self.error_code,       "ErrorCode",      since(0));
    field(self.protocol_type,    "ProtocolType",   since(5).nullable(5));
    field(self.protocol_name,    "ProtocolName",   since(5).nullable(5));
    field(self.assignment,       "Assignment",     since(0));
  }
};

}  // namespace acklab::protocol
