#include "protocol/study/field_reader.h"

#include <utility>

#include <fmt/format.h>

#include "protocol/records/varint.h"
#include "protocol/study/quote.h"

namespace acklab::protocol {

Part begin_part(const ByteCursor& cursor, std::string name, std::string type) {
  Part part;
  part.offset = cursor.offset();
  part.name = std::move(name);
  part.type = std::move(type);
  return part;
}

std::int64_t FieldReader::integer(const char* name, std::size_t bytes) {
  Part part = begin_part(cursor_, name, fmt::format("int{}", 8 * bytes));
  const std::int64_t value = cursor_.integer(bytes);
  end(std::move(part), std::to_string(value));
  return value;
}

std::int64_t FieldReader::zigzag(const char* name, std::size_t most_bytes) {
  Part part = begin_part(cursor_, name, "zigzag varint");
  const std::int64_t value = unzigzag(cursor_.varint(most_bytes));
  end(std::move(part), std::to_string(value));
  return value;
}

void FieldReader::run(const char* name) {
  Part part = begin_part(cursor_, name, "varint length, bytes");
  const std::int64_t size = unzigzag(cursor_.varint(max_varint32));
  const Slice content = size < 0 ? Slice{} : cursor_.take(static_cast<std::size_t>(size));
  end(std::move(part), size < 0 ? "null" : quoted(content));
}

Slice FieldReader::long_run(const char* name) {
  Part part = begin_part(cursor_, name, "int32 length, bytes");
  const std::int64_t size = cursor_.integer(4);
  Slice content = size < 0 ? Slice{} : cursor_.take(static_cast<std::size_t>(size));
  end(std::move(part), size < 0 ? "null" : quoted(content));
  return content;
}

void FieldReader::nullable_string(const char* name) {
  Part part = begin_part(cursor_, name, "nullable string");
  const std::int64_t size = cursor_.integer(2);
  const Slice content = size < 0 ? Slice{} : cursor_.take(static_cast<std::size_t>(size));
  end(std::move(part), size < 0 ? "null" : quoted(content));
}

void FieldReader::tagged_fields() {
  Part part = begin_part(cursor_, "tagged fields", "varint");
  const std::uint64_t count = cursor_.varint(max_varint32);
  for (std::uint64_t i = 0; i < count && cursor_.ok(); ++i) {
    cursor_.varint(max_varint32);
    cursor_.take(static_cast<std::size_t>(cursor_.varint(max_varint32)));
  }
  end(std::move(part), std::to_string(count));
}

void FieldReader::note(std::string note) { parts_.back().note = std::move(note); }

void FieldReader::fail(std::string fault) {
  parts_.back().fault = fault;
  cursor_.fail(std::move(fault));
}

void FieldReader::end(Part part, std::string value) {
  part.bytes = cursor_.since(part.offset);
  part.value = std::move(value);
  part.fault = cursor_.fault();
  parts_.push_back(std::move(part));
}

}  // namespace acklab::protocol
