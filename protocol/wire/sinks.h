// The two places an encoder writes to: a counter, and then one buffer of the counted size. So a body takes one allocation however
// many fields it has. Borrowed slices are not copied.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <utility>
#include <vector>

#include "protocol/check.h"
#include "protocol/wire/big_endian.h"
#include "protocol/wire/slice.h"

namespace acklab::protocol {

// Unsigned varints: seven bits a byte, lowest first, the top bit says that more follow.
constexpr std::size_t varint_size(std::uint32_t value) {
  std::size_t size = 1;  // almost always all of it
  for (; value >= 0x80; value >>= 7) ++size;
  return size;
}

class CountingSink {
 public:
  template <std::integral T>
  void integer(T /*value*/) {
    owned_ += sizeof(T);
  }
  void varint(std::uint32_t value) { owned_ += varint_size(value); }
  void copy(const void* /*data*/, std::size_t size) { owned_ += size; }
  void borrow(const Slice& slice) {
    borrowed_ += slice.size();
    ++slices_;
  }

  std::size_t owned() const { return owned_; }
  std::size_t slices() const { return slices_; }
  std::size_t total() const { return owned_ + borrowed_; }

 private:
  std::size_t owned_ = 0;
  std::size_t borrowed_ = 0;
  std::size_t slices_ = 0;
};

// Room for exactly what was counted: the encoder makes the same calls in both passes.
class WritingSink {
 public:
  WritingSink(std::size_t owned, std::size_t slices) : buffer_(owned), next_(buffer_.span().data()) { splits_.reserve(slices); }

  void integer(std::integral auto value) { next_ = store_big_endian(next_, value); }
  void varint(std::uint32_t value) {
    for (; value >= 0x80; value >>= 7) *next_++ = static_cast<std::byte>(value | 0x80);
    *next_++ = static_cast<std::byte>(value);
  }
  void copy(const void* data, std::size_t size) {
    if (size == 0) return;
    std::memcpy(next_, data, size);
    next_ += size;
  }
  // Splits the buffer: the slice is sent between what was written before and what comes after.
  void borrow(const Slice& slice) { splits_.push_back({used(), slice}); }

  Bytes finish() && {
    CHECK(used() == buffer_.span().size());
    const Slice owned = std::move(buffer_).freeze();
    Bytes bytes;
    bytes.reserve(2 * splits_.size() + 1);
    std::size_t position = 0;
    for (Split& split : splits_) {
      bytes.append(owned.part(position, split.at - position));
      bytes.append(std::move(split.slice));
      position = split.at;
    }
    bytes.append(owned.from(position));
    return bytes;
  }

 private:
  struct Split {
    std::size_t at;
    Slice slice;
  };

  std::size_t used() { return static_cast<std::size_t>(next_ - buffer_.span().data()); }

  MutableBuffer buffer_;
  std::byte* next_;
  std::vector<Split> splits_;
};

}  // namespace acklab::protocol
