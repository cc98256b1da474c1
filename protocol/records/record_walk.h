// Walks the records of a batch where they lie: framing only, nothing copied or allocated. Both readers stand on it, the broker's
// validation, which wants no contents, and read_records.
//
//   length           varint    bytes after this field
//   attributes       int8      unused
//   timestampDelta   varlong   from the batch's baseTimestamp
//   offsetDelta      varint    from the batch's baseOffset
//   keyLength        varint    negative: null; then the key
//   valueLength      varint    negative: null; then the value
//   headersCount     varint
//   headers          keyLength varint (never null), key, valueLength varint (negative: null), value
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "protocol/records/varint.h"

namespace acklab::protocol {

inline constexpr std::size_t smallest_record = 7;  // seven fields of one byte

// Reads varints and runs of bytes; after the first fault it gives zeros and empty runs and keeps the reason. A broker walks over every
// record that it takes, so what is common is inline: nearly all varints of a record have one byte or two. Nothing here hands the cursor
// itself to a function of elsewhere, so a local one lives in registers.
class RecordCursor {
 public:
  explicit RecordCursor(std::span<const std::byte> bytes) : at_(bytes.data()), end_(bytes.data() + bytes.size()) {}

  std::int8_t byte() {
    if (at_ != end_) return std::to_integer<std::int8_t>(*at_++);
    fail("ends inside a record");
    return 0;
  }
  // Like Kafka's reader, lets the bits go that a fifth (or tenth) byte has too many, and refuses a sixth (or eleventh).
  std::int32_t varint() { return static_cast<std::int32_t>(unzigzag(static_cast<std::uint32_t>(unsigned_varint(28)))); }
  std::int64_t varlong() { return unzigzag(unsigned_varint(63)); }
  std::span<const std::byte> run(std::size_t length) {
    if (length > left()) {
      fail("a length beyond the end");
      return {};
    }
    const std::byte* from = at_;
    at_ += length;
    return {from, length};
  }
  // A varint length and its bytes; nothing for null.
  std::optional<std::span<const std::byte>> nullable_run() {
    const std::int32_t length = varint();
    if (length < 0) return std::nullopt;
    return run(static_cast<std::size_t>(length));
  }

  const std::byte* position() const { return at_; }
  std::size_t left() const { return static_cast<std::size_t>(end_ - at_); }
  bool ok() const { return fault_ == nullptr; }
  const char* fault() const { return fault_; }
  void fail(const char* reason) {
    if (!ok()) return;
    fault_ = reason;
    end_ = at_;
  }

 private:
  std::uint64_t unsigned_varint(int max_shift) {
    if (left() >= 2) {
      const auto first = std::to_integer<std::uint32_t>(at_[0]);
      if (first < 0x80) {
        at_ += 1;
        return first;
      }
      const auto second = std::to_integer<std::uint32_t>(at_[1]);
      if (second < 0x80) {
        at_ += 2;
        return (first & 0x7f) | second << 7;
      }
    }
    const LongVarint read = long_varint(at_, end_, max_shift);
    at_ = read.next;
    if (read.fault != nullptr) fail(read.fault);
    return read.value;
  }
  struct LongVarint {
    std::uint64_t value = 0;
    const std::byte* next = nullptr;
    const char* fault = nullptr;
  };
  static LongVarint long_varint(const std::byte* at, const std::byte* end, int max_shift);

  const std::byte* at_;
  const std::byte* end_;  // after a fault nothing is left
  const char* fault_ = nullptr;
};

struct RecordHeaderView {
  std::span<const std::byte> key;
  std::optional<std::span<const std::byte>> value;
};

struct RecordView {
  std::int64_t timestamp_delta = 0;
  std::int32_t offset_delta = 0;
  std::optional<std::span<const std::byte>> key;
  std::optional<std::span<const std::byte>> value;
  std::int32_t headers_count = 0;
  std::span<const std::byte> headers;  // already found sound; next_header() gives one after the other
};

class RecordWalk {
 public:
  // `records` must outlive the walk.
  RecordWalk(std::span<const std::byte> records, std::int32_t count) : start_(records.data()), cursor_(records), count_(count) {}

  // The next record, until the one after it is asked for; null after the last one, or at the first fault.
  const RecordView* next();

  // Asked after next() gave null: all records were read and no byte follows them.
  bool sound() const { return cursor_.ok(); }
  const char* fault() const { return cursor_.fault(); }
  std::int32_t records_read() const { return records_read_; }  // at a fault, the index of the record that has it
  std::size_t offset() const { return static_cast<std::size_t>(cursor_.position() - start_); }

 private:
  const std::byte* start_;
  RecordCursor cursor_;
  std::int32_t count_;
  std::int32_t records_read_ = 0;
  RecordView record_;
};

RecordHeaderView next_header(RecordCursor& headers);

}  // namespace acklab::protocol
