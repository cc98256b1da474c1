// Where a decompressor writes. It grows with what really comes out, never with what the input says will, and only up to a limit. One
// that is started again keeps its memory.
#pragma once

#include <algorithm>
#include <cstring>
#include <span>
#include <utility>

#include "protocol/wire/slice.h"

namespace acklab::protocol {

class OutputBuffer {
 public:
  OutputBuffer() = default;
  OutputBuffer(std::size_t input_size, std::size_t limit) { start(input_size, limit); }

  // Empties it for the next output. Memory that was needed once for something huge is given back.
  void start(std::size_t input_size, std::size_t limit) {
    // Room for one byte more than the limit, so that output which just fits differs from output which does not.
    const std::size_t wanted = std::min(limit + 1, std::max<std::size_t>(4 * input_size, 1024));
    limit_ = limit;
    used_ = 0;
    if (capacity_ >= wanted && capacity_ <= std::max(wanted, most_kept)) return;
    capacity_ = wanted;
    buffer_ = MutableBuffer(capacity_);
  }

  std::size_t limit() const { return limit_; }
  bool beyond_limit() const { return used_ > limit_; }

  // The free part, never empty unless the limit is passed; used(n) tells how much of it was filled.
  std::span<std::byte> room() {
    if (used_ == capacity_ && capacity_ <= limit_) grow(std::min(limit_ + 1, 2 * capacity_));
    return buffer_.span().subspan(used_, capacity_ - used_);
  }
  // The same with at least `wanted` bytes, which must keep within the limit.
  std::span<std::byte> room(std::size_t wanted) {
    if (capacity_ - used_ < wanted) grow(std::max(std::min(limit_ + 1, 2 * capacity_), used_ + wanted));
    return buffer_.span().subspan(used_, capacity_ - used_);
  }
  void used(std::size_t bytes) { used_ += bytes; }

  std::size_t size() const { return used_; }
  std::size_t left() const { return limit_ - used_; }
  std::span<const std::byte> view() { return buffer_.span().first(used_); }
  Slice freeze() && { return std::move(buffer_).freeze(used_); }

 private:
  static constexpr std::size_t most_kept = 4u << 20;  // bytes, from one output to the next

  void grow(std::size_t capacity) {
    MutableBuffer larger(capacity);
    std::memcpy(larger.span().data(), buffer_.span().data(), used_);
    buffer_ = std::move(larger);
    capacity_ = capacity;
  }

  std::size_t limit_ = 0;
  std::size_t capacity_ = 0;
  std::size_t used_ = 0;
  MutableBuffer buffer_;
};

}  // namespace acklab::protocol
