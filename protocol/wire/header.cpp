#include "protocol/wire/header.h"

#include <limits>

#include "protocol/check.h"
#include "protocol/messages/api_versions.h"
#include "protocol/messages/registry.h"
#include "protocol/wire/decoder.h"
#include "protocol/wire/encoder.h"

namespace acklab::protocol {
namespace {

// Version 1. Version 2 adds a tagged section behind it, but leaves the client id as it was: a broker has to read a header before it
// knows whether it knows the version.
struct RequestHeaderLayout {
  std::int16_t api_key = 0;
  std::int16_t api_version = 0;
  std::int32_t correlation_id = 0;
  Nullable<std::string> client_id;

  static constexpr void describe(auto& self, auto&& field) {
    field(self.api_key, "RequestApiKey", since(0));
    field(self.api_version, "RequestApiVersion", since(0));
    field(self.correlation_id, "CorrelationId", since(0));
    field(self.client_id, "ClientId", since(0).nullable(0));
  }
};

struct ResponseHeaderLayout {
  std::int32_t correlation_id = 0;

  static constexpr void describe(auto& self, auto&& field) { field(self.correlation_id, "CorrelationId", since(0)); }
};

constexpr std::int16_t only_version = 0;
constexpr bool not_flexible = false;

bool tagged_response_header(std::int16_t api_key, bool flexible) {
  return flexible && api_key != ApiVersionsResponse::info.api_key;
}

// Size, header and, in flexible versions, a tagged section without fields.
template <class Header>
Bytes frame(const Header& header, bool tagged, const Bytes& body) {
  CountingSink counter;
  Encoder<CountingSink>(counter, only_version, not_flexible).message(header);
  if (tagged) counter.varint(0);
  const std::size_t size = counter.owned() + body.size();
  CHECK(size <= static_cast<std::size_t>(std::numeric_limits<std::int32_t>::max()));

  WritingSink writer(sizeof(std::int32_t) + counter.owned());
  writer.integer(static_cast<std::int32_t>(size));
  Encoder<WritingSink>(writer, only_version, not_flexible).message(header);
  if (tagged) writer.varint(0);
  Bytes bytes = std::move(writer).finish();
  bytes.append(body);
  return bytes;
}

}  // namespace

Result<ReceivedRequest, DecodeError> parse_request(const Slice& frame) {
  RequestHeaderLayout header;
  Decoder decoder(frame, only_version, not_flexible);
  decoder.message(header);
  if (flexible(header.api_key, header.api_version)) decoder.unknown_tagged_fields();
  if (!decoder.ok()) return failure(decoder.error());
  return ReceivedRequest{{header.api_key, header.api_version, header.correlation_id, std::move(header.client_id).value_or("")},
                         decoder.rest()};
}

Result<ReceivedResponse, DecodeError> parse_response(const Slice& frame, std::int16_t api_key, bool flexible) {
  ResponseHeaderLayout header;
  Decoder decoder(frame, only_version, not_flexible);
  decoder.message(header);
  if (tagged_response_header(api_key, flexible)) decoder.unknown_tagged_fields();
  if (!decoder.ok()) return failure(decoder.error());
  return ReceivedResponse{header.correlation_id, decoder.rest()};
}

Bytes frame_request(const RequestHeader& header, bool flexible, const Bytes& body) {
  return frame(RequestHeaderLayout{header.api_key, header.api_version, header.correlation_id, header.client_id}, flexible, body);
}

Bytes frame_response(std::int16_t api_key, bool flexible, std::int32_t correlation_id, const Bytes& body) {
  return frame(ResponseHeaderLayout{correlation_id}, tagged_response_header(api_key, flexible), body);
}

}  // namespace acklab::protocol
