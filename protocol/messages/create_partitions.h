// CreatePartitions (key 37): more partitions for topics that exist (KIP-195). The controller decides.
//
// Versions: 2 flexible; 3 as 2, with quotas (KIP-599).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "protocol/types.h"
#include "protocol/wire/codec.h"

namespace acklab::protocol {

struct CreatePartitionsRequest {
  static constexpr MessageInfo info{37, 0, 3, 2};

  struct Assignment {
    std::vector<std::int32_t> broker_ids;

    static constexpr void describe(auto& self, auto&& field) {
      field(self.broker_ids, "BrokerIds", since(0));
    }
  };

  struct Topic {
    std::string name;
    std::int32_t count = 0;  // of all partitions, the old ones too
    Nullable<std::vector<Assignment>> assignments = std::vector<Assignment>{};  // of the new ones; null: the controller places them

    static constexpr void describe(auto& self, auto&& field) {
      field(self.name,        "Name",        since(0));
      field(self.count,       "Count",       since(0));
      field(self.assignments, "Assignments", since(0).nullable(0));
    }
  };

  std::vector<Topic> topics;
  std::int32_t timeout_ms = 0;
  bool validate_only = false;

  static constexpr void describe(auto& self, auto&& field) {
    field(self.topics,        "Topics",       since(0));
    field(self.timeout_ms,    "TimeoutMs",    since(0));
    field(self.validate_only, "ValidateOnly", since(0));
  }
};

struct CreatePartitionsResponse {
  static constexpr MessageInfo info{37, 0, 3, 2};

  struct Topic {
    std::string name;
    ErrorCode error_code = ErrorCode::none;
    Nullable<std::string> error_message;

    static constexpr void describe(auto& self, auto&& field) {
      field(self.name,          "Name",         since(0));
      field(self.error_code,    "ErrorCode",    since(0));
      field(self.error_message, "ErrorMessage", since(0).nullable(0));
    }
  };

  std::int32_t throttle_time_ms = 0;
  std::vector<Topic> results;

  static constexpr void describe(auto& self, auto&& field) {
    field(self.throttle_time_ms, "ThrottleTimeMs", since(0));
    field(self.results,          "Results",        since(0));
  }
};

}  // namespace acklab::protocol
