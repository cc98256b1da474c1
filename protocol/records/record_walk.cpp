#include "protocol/records/record_walk.h"

#include "protocol/records/varint.h"

namespace acklab::protocol {

void RecordCursor::fail(const char* reason) {
  if (ok()) fault_ = reason;
}

std::uint64_t RecordCursor::unsigned_varint(int max_shift) {
  std::uint64_t value = 0;
  const std::byte* at = at_;
  for (int shift = 0; shift <= max_shift; shift += 7) {
    if (at == end_) {
      fail("ends inside a varint");
      return 0;
    }
    const auto byte = std::to_integer<std::uint64_t>(*at++);
    value |= (byte & 0x7f) << shift;
    if ((byte & 0x80) == 0) {
      at_ = at;
      return value;
    }
  }
  fail("a varint that is too long");
  return 0;
}

std::int8_t RecordCursor::byte() {
  if (!ok() || at_ == end_) {
    fail("ends inside a record");
    return 0;
  }
  return std::to_integer<std::int8_t>(*at_++);
}

std::int32_t RecordCursor::varint() {
  if (!ok()) return 0;
  return static_cast<std::int32_t>(unzigzag(static_cast<std::uint32_t>(unsigned_varint(28))));
}

std::int64_t RecordCursor::varlong() {
  if (!ok()) return 0;
  return unzigzag(unsigned_varint(63));
}

std::span<const std::byte> RecordCursor::run(std::size_t length) {
  if (!ok()) return {};
  if (length > left()) {
    fail("a length beyond the end");
    return {};
  }
  const std::byte* from = at_;
  at_ += length;
  return {from, length};
}

std::optional<std::span<const std::byte>> RecordCursor::nullable_run() {
  const std::int32_t length = varint();
  if (length < 0) return std::nullopt;
  return run(static_cast<std::size_t>(length));
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

std::optional<RecordView> RecordWalk::next() {
  if (!cursor_.ok()) return std::nullopt;
  if (records_read_ == count_) {
    if (cursor_.left() != 0) cursor_.fail("bytes behind the last record");
    return std::nullopt;
  }
  const std::int32_t length = cursor_.varint();
  if (length < 0) cursor_.fail("a negative record length");
  const auto body = cursor_.run(static_cast<std::size_t>(length));
  if (!cursor_.ok()) return std::nullopt;

  RecordCursor inside(body);
  RecordView record;
  inside.byte();  // attributes
  record.timestamp_delta = inside.varlong();
  record.offset_delta = inside.varint();
  record.key = inside.nullable_run();
  record.value = inside.nullable_run();
  record.headers_count = inside.varint();
  if (record.headers_count < 0) inside.fail("a negative header count");
  // A header takes at least two bytes, so this stops a lying count before the loop believes it.
  if (static_cast<std::size_t>(record.headers_count) > inside.left()) inside.fail("a header count beyond the end");
  const std::byte* headers = inside.position();
  for (std::int32_t i = 0; i < record.headers_count && inside.ok(); ++i) next_header(inside);
  record.headers = {headers, inside.position()};
  if (inside.ok() && inside.left() != 0) inside.fail("a record longer than its fields");
  if (!inside.ok()) {
    cursor_.fail(inside.fault());
    return std::nullopt;
  }
  ++records_read_;
  return record;
}

}  // namespace acklab::protocol
