// Reads bytes from the front for those who take them apart: it remembers where it is, and that it failed. After the first fault it gives
// zeros and empty slices.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>

#include "protocol/wire/slice.h"

namespace acklab::protocol {

class ByteCursor {
 public:
  explicit ByteCursor(Slice bytes, std::size_t offset = 0) : bytes_(std::move(bytes)), base_(offset) {}

  std::size_t offset() const { return base_ + at_; }
  std::size_t left() const { return bytes_.size() - at_; }
  bool ok() const { return fault_.empty(); }
  const std::string& fault() const { return fault_; }
  void fail(std::string reason) {
    if (fault_.empty()) fault_ = std::move(reason);
  }

  // Big endian, with its sign.
  std::int64_t integer(std::size_t bytes) {
    const Slice taken = take(bytes);
    std::int64_t value = taken.empty() || std::to_integer<std::uint8_t>(taken.view()[0]) < 0x80 ? 0 : -1;
    for (const std::byte byte : taken.view()) {
      value = static_cast<std::int64_t>(static_cast<std::uint64_t>(value) << 8 | std::to_integer<std::uint64_t>(byte));
    }
    return value;
  }

  // Seven bits a byte, lowest first.
  std::uint64_t varint(std::size_t most_bytes) {
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < most_bytes; ++i) {
      const Slice byte = take(1);
      if (!ok()) return 0;
      const auto bits = std::to_integer<std::uint64_t>(byte.view()[0]);
      value |= (bits & 0x7f) << (7 * i);
      if (bits < 0x80) return value;
    }
    fail("a varint that does not end");
    return 0;
  }

  Slice take(std::size_t bytes) {
    if (!ok()) return {};
    if (bytes > left()) {
      fail(std::to_string(bytes) + " bytes wanted, " + std::to_string(left()) + " left");
      return {};
    }
    const Slice taken = bytes_.part(at_, bytes);
    at_ += bytes;
    return taken;
  }
  Slice rest() const { return bytes_.from(at_); }
  // What was taken since `offset`, as offset() said then.
  Slice since(std::size_t offset) const { return bytes_.part(offset - base_, at_ - (offset - base_)); }

 private:
  Slice bytes_;
  std::size_t base_;
  std::size_t at_ = 0;
  std::string fault_;
};

}  // namespace acklab::protocol
