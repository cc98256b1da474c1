#include "protocol/study/dissect_frame.h"

#include <iterator>
#include <utility>

#include <fmt/format.h>

#include "protocol/messages/registry.h"
#include "protocol/study/byte_cursor.h"
#include "protocol/study/dissect_message.h"
#include "protocol/study/quote.h"

namespace acklab::protocol {
namespace {

constexpr std::int16_t api_versions_key = 18;

class Header {
 public:
  Header(const Slice& frame, std::size_t offset) : cursor_(frame, offset) {}

  std::int64_t integer(const char* name, std::size_t bytes) {
    Part part = begin(name, fmt::format("int{}", 8 * bytes));
    const std::int64_t value = cursor_.integer(bytes);
    end(std::move(part), std::to_string(value));
    return value;
  }
  void client_id() {
    Part part = begin("client_id", "nullable string");
    const std::int64_t size = cursor_.integer(2);
    const Slice text = size < 0 ? Slice{} : cursor_.take(static_cast<std::size_t>(size));
    end(std::move(part), size < 0 ? "null" : quoted(text));
  }
  // None is known in a header.
  void tagged_fields() {
    constexpr std::size_t max_varint32 = 5;
    Part part = begin("tagged fields", "varint");
    const std::uint64_t count = cursor_.varint(max_varint32);
    for (std::uint64_t i = 0; i < count && cursor_.ok(); ++i) {
      cursor_.varint(max_varint32);
      cursor_.take(static_cast<std::size_t>(cursor_.varint(max_varint32)));
    }
    end(std::move(part), std::to_string(count));
  }
  void note(std::string note) { parts_.back().note = std::move(note); }
  void fail(std::string fault) {
    parts_.back().fault = fault;
    cursor_.fail(std::move(fault));
  }
  // The size of the frame that follows.
  void size() {
    const std::int64_t announced = integer("size", 4);
    if (cursor_.ok() && announced != static_cast<std::int64_t>(cursor_.left())) {
      note(fmt::format("{} bytes follow", cursor_.left()));
    }
  }

  bool ok() const { return cursor_.ok(); }
  std::size_t offset() const { return cursor_.offset(); }
  Slice rest() const { return cursor_.rest(); }
  std::vector<Part> take() { return std::move(parts_); }

 private:
  Part begin(const char* name, std::string type) const {
    Part part;
    part.offset = cursor_.offset();
    part.name = name;
    part.type = std::move(type);
    return part;
  }
  void end(Part part, std::string value) {
    part.bytes = cursor_.since(part.offset);
    part.value = std::move(value);
    part.fault = cursor_.fault();
    parts_.push_back(std::move(part));
  }

  ByteCursor cursor_;
  std::vector<Part> parts_;
};

std::vector<Part> with_body(Header& header, const Schema& schema, std::int16_t version) {
  const std::size_t offset = header.offset();
  const Slice body = header.rest();
  std::vector<Part> parts = header.take();
  Part message;
  message.offset = offset;
  message.name = fmt::format("{} version {}", schema.name, version);
  message.parts = dissect_message(schema, version, body, offset);
  parts.push_back(std::move(message));
  return parts;
}

}  // namespace

DissectedRequest dissect_request(const Slice& frame, std::size_t offset) {
  DissectedRequest result;
  Header header(frame, offset);
  header.size();
  if (header.ok()) result.kind.emplace().api_key = static_cast<std::int16_t>(header.integer("request_api_key", 2));
  const Api* api = result.kind ? find_api(result.kind->api_key) : nullptr;
  if (header.ok()) header.note(api ? std::string(api->name) : "unknown");
  if (header.ok()) result.kind->version = static_cast<std::int16_t>(header.integer("request_api_version", 2));
  if (header.ok()) result.kind->correlation = static_cast<std::int32_t>(header.integer("correlation_id", 4));
  if (header.ok()) header.client_id();
  if (!header.ok()) result.kind.reset();
  if (header.ok() && !api) header.fail(fmt::format("no table for API key {}", result.kind->api_key));
  if (header.ok() && flexible(result.kind->api_key, result.kind->version)) header.tagged_fields();
  if (header.ok() && !api->request.info.has(result.kind->version)) {
    header.fail(fmt::format("the table of {} has versions {} to {}, not {}", api->name, api->request.info.first_version,
                            api->request.info.last_version, result.kind->version));
  }
  result.parts = header.ok() ? with_body(header, api->request, result.kind->version) : header.take();
  return result;
}

std::vector<Part> dissect_response(const Slice& frame, const FrameKind& request, std::size_t offset) {
  Header header(frame, offset);
  header.size();
  if (header.ok()) header.integer("correlation_id", 4);
  const Api* api = find_api(request.api_key);
  if (header.ok() && !api) header.fail(fmt::format("no table for API key {}", request.api_key));
  // A client that asks for the versions must be able to read the answer before it knows them.
  const bool has_tags = request.api_key != api_versions_key && flexible(request.api_key, request.version);
  if (header.ok() && has_tags) header.tagged_fields();
  if (header.ok() && !api->response.info.has(request.version)) {
    header.fail(fmt::format("the table of {} has no version {}", api->name, request.version));
  }
  return header.ok() ? with_body(header, api->response, request.version) : header.take();
}

}  // namespace acklab::protocol
