// What stands before a body: the request header (versions 1 and 2) and the response header (0 and 1). Flexible versions use the higher
// one, with two exceptions: the client id is never compact, and an ApiVersions response always has header version 0, so that a client
// can read the refusal of a version that the broker does not know.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "protocol/result.h"
#include "protocol/wire/codec.h"
#include "protocol/wire/slice.h"

namespace acklab::protocol {

struct RequestHeader {
  std::int16_t api_key = 0;
  std::int16_t api_version = 0;
  std::int32_t correlation_id = 0;
  std::string client_id;  // null on the wire reads as empty
};

struct ReceivedRequest {
  RequestHeader header;
  Slice body;
};

struct ReceivedResponse {
  std::int32_t correlation_id = 0;
  Slice body;
};

// `flexible` says whether the body's version is; the registry knows (messages/registry.h).
Result<ReceivedRequest, DecodeError> parse_request(const Slice& frame);
Result<ReceivedResponse, DecodeError> parse_response(const Slice& frame, std::int16_t api_key, bool flexible);

// What stands between the size of a frame and its body.
std::string request_header(std::int16_t api_key, std::int16_t version, bool flexible, std::int32_t correlation_id,
                           std::string_view client_id);
std::string response_header(std::int16_t api_key, bool flexible, std::int32_t correlation_id);

// A whole frame around any body, also one that is no message: for tests and tools.
Bytes frame_request(const RequestHeader& header, bool flexible, const Bytes& body);

// Whole frames.
template <class Request>
Bytes request_frame(const Request& request, std::int16_t version, std::int32_t correlation_id, std::string_view client_id) {
  constexpr MessageInfo info = Request::info;
  return encode_frame(request, version, request_header(info.api_key, version, info.flexible(version), correlation_id, client_id));
}
template <class Response>
Bytes response_frame(const Response& response, std::int16_t version, std::int32_t correlation_id) {
  constexpr MessageInfo info = Response::info;
  return encode_frame(response, version, response_header(info.api_key, info.flexible(version), correlation_id));
}

}  // namespace acklab::protocol
