#include "protocol/study/dissect_frame.h"

#include <iterator>
#include <utility>

#include <fmt/format.h>

#include "protocol/error_code.h"
#include "protocol/messages/registry.h"
#include "protocol/study/byte_cursor.h"
#include "protocol/study/dissect_message.h"
#include "protocol/study/field_reader.h"
#include "protocol/wire/big_endian.h"

namespace acklab::protocol {
namespace {

constexpr std::int16_t api_versions_key = 18;

// A frame's size and header, as far as they can be read.
struct Header {
  Header(const Slice& frame, std::size_t offset) : cursor(frame, offset) {
    const std::int64_t announced = fields.integer("size", 4);
    if (ok() && announced != static_cast<std::int64_t>(cursor.left())) {
      fields.note(fmt::format("{} bytes follow", cursor.left()));
    }
  }
  Header(const Header&) = delete;
  Header& operator=(const Header&) = delete;

  bool ok() const { return cursor.ok(); }

  ByteCursor cursor;
  std::vector<Part> parts;
  FieldReader fields{cursor, parts};
};

// A broker that does not have the version in which it was asked for its versions says so in version 0, which everybody can read.
bool is_refusal_of_version(const Slice& body) {
  return body.size() >= 2 &&
         load_big_endian<std::int16_t>(body.data()) == static_cast<std::int16_t>(ErrorCode::unsupported_version);
}

std::vector<Part> with_body(Header& header, const Schema& schema, std::int16_t version) {
  Part message = begin_part(header.cursor, fmt::format("{} version {}", schema.name, version));
  message.parts = dissect_message(schema, version, header.cursor.rest(), message.offset);
  header.parts.push_back(std::move(message));
  return std::move(header.parts);
}

}  // namespace

Slice first_frame(const Slice& bytes) {
  constexpr std::size_t size_bytes = 4;
  const auto end_of_frame_at = [&](std::size_t at) -> std::optional<std::size_t> {
    if (at + size_bytes > bytes.size()) return std::nullopt;
    const auto announced = load_big_endian<std::int32_t>(bytes.data() + at);
    if (announced < least_frame_bytes || announced > most_frame_bytes) return std::nullopt;
    return at + size_bytes + static_cast<std::size_t>(announced);
  };
  const auto end = end_of_frame_at(0);
  return end && end_of_frame_at(*end) ? bytes.part(0, *end) : bytes;
}

DissectedRequest dissect_request(const Slice& frame, std::size_t offset) {
  DissectedRequest result;
  Header header(frame, offset);
  if (header.ok()) result.kind.emplace().api_key = static_cast<std::int16_t>(header.fields.integer("request_api_key", 2));
  const Api* api = result.kind ? find_api(result.kind->api_key) : nullptr;
  if (header.ok()) header.fields.note(api ? std::string(api->name) : "unknown");
  if (header.ok()) result.kind->version = static_cast<std::int16_t>(header.fields.integer("request_api_version", 2));
  if (header.ok()) result.kind->correlation = static_cast<std::int32_t>(header.fields.integer("correlation_id", 4));
  if (header.ok()) header.fields.nullable_string("client_id");
  if (!header.ok()) result.kind.reset();
  if (header.ok() && !api) header.fields.fail(fmt::format("no table for API key {}", result.kind->api_key));
  if (header.ok() && flexible(result.kind->api_key, result.kind->version)) header.fields.tagged_fields();
  if (header.ok() && !api->request.info.has(result.kind->version)) {
    header.fields.fail(fmt::format("the table of {} has versions {} to {}, not {}", api->name, api->request.info.first_version,
                                   api->request.info.last_version, result.kind->version));
  }
  result.parts = header.ok() ? with_body(header, api->request, result.kind->version) : std::move(header.parts);
  return result;
}

std::vector<Part> dissect_response(const Slice& frame, const FrameKind& request, std::size_t offset) {
  Header header(frame, offset);
  if (header.ok()) header.fields.integer("correlation_id", 4);
  const Api* api = find_api(request.api_key);
  if (header.ok() && !api) header.fields.fail(fmt::format("no table for API key {}", request.api_key));
  // A client that asks for the versions must be able to read the answer before it knows them.
  const bool has_tags = request.api_key != api_versions_key && flexible(request.api_key, request.version);
  if (header.ok() && has_tags) header.fields.tagged_fields();
  const bool refused = header.ok() && request.api_key == api_versions_key && is_refusal_of_version(header.cursor.rest());
  const std::int16_t version = refused ? std::int16_t{0} : request.version;
  if (header.ok() && !api->response.info.has(version)) {
    header.fields.fail(fmt::format("the table of {} has no version {}", api->name, version));
  }
  return header.ok() ? with_body(header, api->response, version) : std::move(header.parts);
}

std::vector<Part> dissect_unpaired_response(const Slice& frame, std::size_t offset) {
  Header header(frame, offset);
  if (header.ok()) header.fields.integer("correlation_id", 4);
  if (header.ok() && header.cursor.left() > 0) {
    Part rest = begin_part(header.cursor, "answer");
    rest.bytes = header.cursor.take(header.cursor.left());
    rest.value = fmt::format("{} bytes", rest.bytes.size());
    rest.note = "cannot be read without the request that it answers";
    header.parts.push_back(std::move(rest));
  }
  return std::move(header.parts);
}

}  // namespace acklab::protocol
