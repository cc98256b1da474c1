#include "protocol/records/record_walk.h"

namespace acklab::protocol {

RecordCursor::LongVarint RecordCursor::long_varint(const std::byte* const from, const std::byte* end, int max_shift) {
  std::uint64_t value = 0;
  const std::byte* at = from;
  for (int shift = 0; shift <= max_shift; shift += 7) {
    if (at == end) return {0, from, "ends inside a varint"};
    const auto byte = std::to_integer<std::uint64_t>(*at++);
    value |= (byte & 0x7f) << shift;
    if ((byte & 0x80) == 0) return {value, at, nullptr};
  }
  return {0, from, "a varint that is too long"};
}

RecordHeaderView next_header(RecordCursor& headers) {
  RecordHeaderView header;
  const std::int32_t key_length = headers.varint();
  if (key_length < 0) {
    headers.fail("a null header key");
    return header;
  }
  header.key = headers.run(static_cast<std::size_t>(key_length));
  header.value = headers.nullable_run();
  return header;
}

namespace {

struct Headers {
  std::span<const std::byte> bytes;
  const char* fault = nullptr;
};

Headers find_headers(std::span<const std::byte> from, std::int32_t count) {
  RecordCursor cursor(from);
  for (std::int32_t i = 0; i < count && cursor.ok(); ++i) next_header(cursor);
  return {{from.data(), cursor.position()}, cursor.fault()};
}

}  // namespace

const RecordView* RecordWalk::next() {
  if (!cursor_.ok()) return nullptr;
  if (records_read_ == count_) {
    if (cursor_.left() != 0) cursor_.fail("bytes behind the last record");
    return nullptr;
  }
  const std::int32_t length = cursor_.varint();
  if (length < 0) cursor_.fail("a negative record length");
  const auto body = cursor_.run(static_cast<std::size_t>(length));
  if (!cursor_.ok()) return nullptr;

  RecordCursor inside(body);
  RecordView& record = record_;
  inside.byte();  // attributes
  record.timestamp_delta = inside.varlong();
  record.offset_delta = inside.varint();
  record.key = inside.nullable_run();
  record.value = inside.nullable_run();
  record.headers_count = inside.varint();
  if (record.headers_count < 0) inside.fail("a negative header count");
  // A header takes at least two bytes, so this stops a lying count before the loop believes it.
  if (static_cast<std::size_t>(record.headers_count) > inside.left()) inside.fail("a header count beyond the end");
  record.headers = {};
  if (record.headers_count > 0) {
    const Headers headers = find_headers({inside.position(), inside.left()}, record.headers_count);
    record.headers = inside.run(headers.bytes.size());
    if (headers.fault != nullptr) inside.fail(headers.fault);
  }
  if (inside.ok() && inside.left() != 0) inside.fail("a record longer than its fields");
  if (!inside.ok()) {
    cursor_.fail(inside.fault());
    return nullptr;
  }
  ++records_read_;
  return &record_;
}

}  // namespace acklab::protocol
