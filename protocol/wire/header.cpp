#include "protocol/wire/header.h"

#include <concepts>
#include <utility>

#include "protocol/check.h"
#include "protocol/messages/api_versions.h"
#include "protocol/messages/registry.h"
#include "protocol/wire/big_endian.h"
#include "protocol/wire/decoder.h"
#include "protocol/wire/member_kinds.h"

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

// A header is short: it rarely leaves the room that a string has inside.
class HeaderWriter {
 public:
  void integer(std::integral auto value) {
    std::byte bytes[sizeof value];
    store_big_endian(bytes, value);
    header_.append(reinterpret_cast<const char*>(bytes), sizeof bytes);
  }
  void text(std::string_view text) {
    CHECK(text.size() <= max_string_bytes);
    integer(static_cast<std::int16_t>(text.size()));
    header_.append(text);
  }
  void no_tagged_fields() { header_.push_back('\0'); }

  std::string take() && { return std::move(header_); }

 private:
  std::string header_;
};

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

std::string request_header(std::int16_t api_key, std::int16_t version, bool flexible, std::int32_t correlation_id,
                           std::string_view client_id) {
  HeaderWriter header;
  header.integer(api_key);
  header.integer(version);
  header.integer(correlation_id);
  header.text(client_id);
  if (flexible) header.no_tagged_fields();
  return std::move(header).take();
}

std::string response_header(std::int16_t api_key, bool flexible, std::int32_t correlation_id) {
  HeaderWriter header;
  header.integer(correlation_id);
  if (tagged_response_header(api_key, flexible)) header.no_tagged_fields();
  return std::move(header).take();
}

Bytes frame_request(const RequestHeader& header, bool flexible, const Bytes& body) {
  const std::string in_front =
      request_header(header.api_key, header.api_version, flexible, header.correlation_id, header.client_id);
  HeaderWriter size;
  size.integer(static_cast<std::int32_t>(in_front.size() + body.size()));
  Bytes frame(Slice::copy_of(std::move(size).take() + in_front));
  frame.append(body);
  return frame;
}

}  // namespace acklab::protocol
