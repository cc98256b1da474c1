#include "protocol/records/compression.h"

#include <array>

namespace acklab::protocol {

namespace {

constexpr std::array<std::string_view, 5> names = {"none", "gzip", "snappy", "lz4", "zstd"};

}  // namespace

std::string_view name(Codec codec) { return names[static_cast<std::size_t>(codec)]; }

std::optional<Codec> codec_named(std::string_view wanted) {
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (names[i] == wanted) return static_cast<Codec>(i);
  }
  return std::nullopt;
}

std::optional<Codec> codec_of_bits(std::uint8_t bits) {
  if (bits >= names.size()) return std::nullopt;
  return static_cast<Codec>(bits);
}

}  // namespace acklab::protocol
