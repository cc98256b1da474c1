#include "tests/protocol/hex.h"

#include <gtest/gtest.h>

#include <vector>

namespace acklab::protocol {

Slice from_hex(std::string_view hex) {
  static constexpr std::string_view digits = "0123456789abcdef";
  std::string nibbles;
  for (const char c : hex) {
    if (c == ' ') continue;
    const std::size_t value = digits.find(c);
    if (value == std::string_view::npos) {
      ADD_FAILURE() << "not hex: " << hex;
      return {};
    }
    nibbles.push_back(static_cast<char>(value));
  }
  if (nibbles.size() % 2 != 0) ADD_FAILURE() << "half a byte at the end of " << hex;
  std::string bytes;
  for (std::size_t i = 0; i + 1 < nibbles.size(); i += 2) bytes.push_back(static_cast<char>(nibbles[i] * 16 + nibbles[i + 1]));
  return Slice::copy_of(bytes);
}

std::string to_hex(const Slice& bytes) {
  static constexpr char digits[] = "0123456789abcdef";
  std::string hex;
  for (const std::byte byte : bytes.view()) {
    hex.push_back(digits[std::to_integer<unsigned>(byte) >> 4]);
    hex.push_back(digits[std::to_integer<unsigned>(byte) & 15]);
  }
  return hex;
}

}  // namespace acklab::protocol
