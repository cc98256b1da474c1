// DeleteTopics (key 20): the controller decides, any broker forwards to it.
//
// Versions: 1 throttle time; 4 flexible; 5 error message (KIP-599); 6 topics by id as well (KIP-516): a name that is null is one by id.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "protocol/types.h"
#include "protocol/wire/codec.h"

namespace acklab::protocol {

struct DeleteTopicsRequest {
  static constexpr MessageInfo info{20, 0, 6, 4};

  struct Topic {
    Nullable<std::string> name;
    Uuid topic_id;

    static constexpr void describe(auto& self, auto&& field) {
      field(self.name,     "Name",    since(6).nullable(6));
      field(self.topic_id, "TopicId", since(6));
    }
  };

  std::vector<Topic> topics;
  std::vector<std::string> topic_names;
  std::int32_t timeout_ms = 0;

  static constexpr void describe(auto& self, auto&& field) {
    field(self.topics,      "Topics",     since(6));
    field(self.topic_names, "TopicNames", since(0).until(5));
    field(self.timeout_ms,  "TimeoutMs",  since(0));
  }
};

struct DeleteTopicsResponse {
  static constexpr MessageInfo info{20, 0, 6, 4};

  struct Topic {
    Nullable<std::string> name = std::string{};
    Uuid topic_id;
    ErrorCode error_code = ErrorCode::none;
    Nullable<std::string> error_message;

    static constexpr void describe(auto& self, auto&& field) {
      field(self.name,          "Name",         since(0).nullable(6));
      field(self.topic_id,      "TopicId",      since(6));
      field(self.error_code,    "ErrorCode",    since(0));
      field(self.error_message, "ErrorMessage", since(5).nullable(5));
    }
  };

  std::int32_t throttle_time_ms = 0;
  std::vector<Topic> responses;

  static constexpr void describe(auto& self, auto&& field) {
    field(self.throttle_time_ms, "ThrottleTimeMs", since(1));
    field(self.responses,        "Responses",      since(0));
  }
};

}  // namespace acklab::protocol
