// Faults of requests, as a broker meets them: what it shows of a request before it serves it, and what it is told to do with it.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>
#include <vector>

#include "protocol/error_code.h"
#include "protocol/runtime/node.h"
#include "protocol/runtime/time.h"
#include "protocol/types.h"

namespace acklab::broker {

struct RequestSummary {
  protocol::BrokerId broker{};
  std::int16_t api_key = 0;
  std::string_view client;  // client.id
  protocol::NodeId peer{};  // who is at the other end of the connection
  std::vector<protocol::TopicPartition> partitions;
};

struct RequestFault {
  enum class Kind { none, answer_error, delay, drop_before_apply, drop_after_append, drop_answer, hold_answer };
  Kind kind = Kind::none;
  protocol::ErrorCode code = protocol::ErrorCode::none;  // of answer_error
  // Of delay, and of hold_answer; absent there: until the client gives the connection up.
  std::optional<protocol::Duration> by{};
};

// Runs on the broker's turn.
using RequestHook = std::function<RequestFault(const RequestSummary&)>;

}  // namespace acklab::broker
