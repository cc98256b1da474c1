// One request on its way through the broker: what its header said, and the way to end it. A value: a handler that cannot answer yet
// keeps a copy. It ends exactly once, and the client may have gone by then.
#pragma once

#include <cstdint>
#include <string>
#include <utility>

#include "broker/error_codes_in.h"
#include "broker/faults/request_fault.h"
#include "broker/session.h"
#include "protocol/wire/header.h"

namespace acklab::broker {

struct Call {
  Sessions* sessions = nullptr;
  std::uint64_t connection = 0;
  protocol::RequestHeader header;
  RequestFault fault;  // planned for this request
  protocol::Time begun{};

  std::int16_t version() const { return header.api_version; }
  protocol::NodeId peer() const;

  // True if the answer was handed to the connection. A planned drop closes the connection instead: leaving out one answer would
  // break the order of those behind it. A planned hold keeps it back.
  template <class Response>
  bool answer(const Response& response) const {
    return answer_in(header.api_version, response);
  }
  // In another version's shape than the request's: for ApiVersions alone.
  template <class Response>
  bool answer_in(std::int16_t version, const Response& response) const {
    Session* session = to_be_answered();
    if (!session) return false;
    for_each_error_code(response, [this](protocol::ErrorCode code) { sessions->metrics(header.api_key).count_error(code); });
    measure();
    auto frame = protocol::response_frame(response, version, header.correlation_id);
    if (fault.kind != RequestFault::Kind::hold_answer) return session->answer(std::move(frame));
    sessions->hold(connection, std::move(frame), fault.by);
    return false;
  }
  // For Produce with acks=0.
  void answer_nothing() const;
  // `reason` is for people; the client only sees the end of the stream.
  void close(const std::string& reason) const;

 private:
  // Null if the client has gone, or the answer is to be dropped.
  Session* to_be_answered() const;
  void measure() const;
};

}  // namespace acklab::broker
