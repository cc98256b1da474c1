// JoinGroup (key 11): a consumer enters its group, or says in a rebalance that it is still there. The answer waits until all members are in,
// and tells the leader, who will assign, of all of them.
//
// Versions: 1 time to rejoin, apart from the session time-out (KIP-62); 2 throttle time; 4 a new member is given its id first and joins
// with it (KIP-394); 5 static members (KIP-345); 6 flexible; 7 protocol type in the answer (KIP-559); 8 why it joins (KIP-800); 9 a
// leader that need not assign (KIP-814).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "protocol/types.h"
#include "protocol/wire/codec.h"

namespace acklab::protocol {

struct JoinGroupRequest {
  static constexpr MessageInfo info{11, 0, 9, 6};

  struct Protocol {
    std::string name;
    Slice metadata;

    static constexpr void describe(auto& self, auto&& field) {
      field(self.name,     "Name",     since(0));
      field(self.metadata, "Metadata", since(0));
    }
  };

  std::string group_id;
  std::int32_t session_timeout_ms = 0;
  std::int32_t rebalance_timeout_ms = -1;
  std::string member_id;
  Nullable<std::string> group_instance_id;
  std::string protocol_type;
  std::vector<Protocol> protocols;
  Nullable<std::string> reason;

  static constexpr void describe(auto& self, auto&& field) {
    field(self.group_id,             "GroupId",            since(0));
    field(self.session_timeout_ms,   "SessionTimeoutMs",   since(0));
    field(self.rebalance_timeout_ms, "RebalanceTimeoutMs", since(1));
    field(self.member_id,            "MemberId",           since(0));
    field(self.group_instance_id,    "GroupInstanceId",    since(5).nullable(5));
    field(self.protocol_type,        "ProtocolType",       since(0));
    field(self.protocols,            "Protocols",          since(0));
    field(self.reason,               "Reason",             since(8).nullable(8));
  }
};

struct JoinGroupResponse {
  static constexpr MessageInfo info{11, 0, 9, 6};

  struct Member {
    std::string member_id;
    Nullable<std::string> group_instance_id;
    Slice metadata;

    static constexpr void describe(auto& self, auto&& field) {
      field(self.member_id,         "MemberId",        since(0));
      field(self.group_instance_id, "GroupInstanceId", since(5).nullable(5));
      field(self.metadata,          "Metadata",        since(0));
    }
  };

  std::int32_t throttle_time_ms = 0;
  ErrorCode error_code = ErrorCode::none;
  std::int32_t generation_id = -1;
  Nullable<std::string> protocol_type;
  Nullable<std::string> protocol_name = std::string{};
  std::string leader;
  bool skip_assignment = false;
  std::string member_id;
  std::vector<Member> members;

  static constexpr void describe(auto& self, auto&& field) {
    field(self.throttle_time_ms, "ThrottleTimeMs", since(2));
    field(self.error_code,       "ErrorCode",      since(0));
    field(self.generation_id,    "GenerationId",   since(0));
    field(self.protocol_type,    "ProtocolType",   since(7).nullable(7));
    field(self.protocol_name,    "ProtocolName",   since(0).nullable(7));
    field(self.leader,           "Leader",         since(0));
    field(self.skip_assignment,  "SkipAssignment", since(9));
    field(self.member_id,        "MemberId",       since(0));
    field(self.members,          "Members",        since(0));
  }
};

}  // namespace acklab::protocol
