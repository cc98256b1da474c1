// What stands before a body: the request header (versions 1 and 2) and the response header (0 and 1). Flexible versions use the higher
// one, with two exceptions: the client id is never compact, and an ApiVersions response always has header version 0, so that a client
// can read the refusal of a version that the broker does not know.
#pragma once

#include <cstdint>
#include <string>

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

// Whole frames, with their size in front.
Bytes frame_request(const RequestHeader& header, bool flexible, const Bytes& body);
Bytes frame_response(std::int16_t api_key, bool flexible, std::int32_t correlation_id, const Bytes& body);

// Encodes a message and puts header and size before it.
template <class Request>
Bytes request_frame(const Request& request, std::int16_t version, std::int32_t correlation_id, const std::string& client_id) {
  const RequestHeader header{Request::info.api_key, version, correlation_id, client_id};
  return frame_request(header, Request::info.flexible(version), encode(request, version));
}
template <class Response>
Bytes response_frame(const Response& response, std::int16_t version, std::int32_t correlation_id) {
  return frame_response(Response::info.api_key, Response::info.flexible(version), correlation_id, encode(response, version));
}

}  // namespace acklab::protocol
