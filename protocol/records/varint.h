// The variable-length integers inside a record: zig-zag, so that small negative numbers are short too, then seven bits a byte,
// lowest first (as Protocol Buffers' sint32 and sint64). The lengths in flexible messages are unsigned and live in wire/.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>

namespace acklab::protocol {

inline constexpr std::size_t max_varint_size = 5;
inline constexpr std::size_t max_varlong_size = 10;

constexpr std::uint64_t zigzag(std::int64_t value) {
  return (static_cast<std::uint64_t>(value) << 1) ^ static_cast<std::uint64_t>(value >> 63);
}

constexpr std::int64_t unzigzag(std::uint64_t bits) { return static_cast<std::int64_t>((bits >> 1) ^ (~(bits & 1) + 1)); }

// Bytes that `value` takes; an int32 takes the same as the int64 of equal value.
constexpr std::size_t zigzag_size(std::int64_t value) {
  return (static_cast<std::size_t>(std::bit_width(zigzag(value) | 1)) + 6) / 7;
}

// Returns the place behind what was stored.
inline std::byte* store_zigzag(std::byte* to, std::int64_t value) {
  std::uint64_t bits = zigzag(value);
  while (bits >= 0x80) {
    *to++ = static_cast<std::byte>((bits & 0x7f) | 0x80);
    bits >>= 7;
  }
  *to++ = static_cast<std::byte>(bits);
  return to;
}

}  // namespace acklab::protocol
