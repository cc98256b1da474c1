// What came to a request: the response, or in words what came instead of one. Questions compare words, so whatever a broken broker does
// is an answer like any other.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "protocol/error_code.h"
#include "protocol/wire/codec.h"
#include "protocol/wire/header.h"
#include "tools/conform/question.h"
#include "tools/conform/wire.h"

namespace acklab::conform {

template <class Response>
using Answer = protocol::Result<Response, std::string>;

// The next frame as the response to one request.
template <class Response>
Answer<Response> receive(Wire& wire, std::int16_t version, std::int32_t correlation_id) {
  const auto frame = wire.receive();
  if (!frame) return protocol::failure(std::string(words(frame.error())));
  const auto received = protocol::parse_response(*frame, Response::info.api_key, Response::info.flexible(version));
  if (!received) return protocol::failure("unreadable: " + received.error().message());
  if (received->correlation_id != correlation_id) {
    return protocol::failure(fmt::format("correlation id {} to request {}", received->correlation_id, correlation_id));
  }
  auto response = protocol::decode<Response>(received->body, version);
  if (!response) return protocol::failure("unreadable: " + response.error().message());
  return *std::move(response);
}

inline std::string code(protocol::ErrorCode error) { return std::string(protocol::name(error)); }

// The error code of whatever has one, or what came instead.
template <class Answered>
std::string code(const Answer<Answered>& answer) {
  return answer ? code(answer->error_code) : answer.error();
}

// The answer of a step that must succeed before the point of a question is reached.
template <class Answered>
Answered sound(std::string_view step, Answer<Answered> answer) {
  if (!answer) throw Unexpected{fmt::format("{}: {}", step, answer.error())};
  return *std::move(answer);
}
template <class Answered>
Answered accepted(std::string_view step, Answer<Answered> answer) {
  Answered answered = sound(step, std::move(answer));
  if (answered.error_code != protocol::ErrorCode::none) throw Unexpected{fmt::format("{}: {}", step, code(answered.error_code))};
  return answered;
}

}  // namespace acklab::conform
