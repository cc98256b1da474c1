// Fixed-width integers as Kafka puts them on the wire, at any alignment: one load or store and a byte swap.
#pragma once

#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <type_traits>

namespace acklab::protocol {

template <std::unsigned_integral T>
constexpr T big_endian_bits(T bits) {
  if constexpr (std::endian::native == std::endian::big || sizeof(T) == 1) return bits;
  if constexpr (sizeof(T) == 2) return __builtin_bswap16(bits);
  if constexpr (sizeof(T) == 4) return __builtin_bswap32(bits);
  if constexpr (sizeof(T) == 8) return __builtin_bswap64(bits);
}

template <std::integral T>
T load_big_endian(const std::byte* from) {
  std::make_unsigned_t<T> bits;
  std::memcpy(&bits, from, sizeof bits);
  return static_cast<T>(big_endian_bits(bits));
}

// Returns the place behind what was stored.
template <std::integral T>
std::byte* store_big_endian(std::byte* to, T value) {
  const auto bits = big_endian_bits(static_cast<std::make_unsigned_t<T>>(value));
  std::memcpy(to, &bits, sizeof bits);
  return to + sizeof bits;
}

}  // namespace acklab::protocol
