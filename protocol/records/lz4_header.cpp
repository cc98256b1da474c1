#include "protocol/records/lz4_header.h"

#include <bit>
#include <cstring>

#include "protocol/check.h"
#include "protocol/wire/big_endian.h"

namespace acklab::protocol {
namespace {

constexpr std::size_t descriptor_at = 4;  // behind the frame's magic number
constexpr std::size_t smallest_descriptor = 2;
constexpr auto has_content_size = std::byte{0x08};
constexpr auto has_dictionary = std::byte{0x01};

std::size_t descriptor_size(std::byte flags) {
  std::size_t size = smallest_descriptor;
  if ((flags & has_content_size) != std::byte{0}) size += 8;
  if ((flags & has_dictionary) != std::byte{0}) size += 4;
  return size;
}

std::byte second_byte(std::uint32_t hash) { return static_cast<std::byte>(hash >> 8 & 0xff); }

}  // namespace

std::uint32_t short_xxh32(std::span<const std::byte> bytes) {
  constexpr std::uint32_t prime1 = 2654435761, prime2 = 2246822519, prime3 = 3266489917, prime4 = 668265263, prime5 = 374761393;
  CHECK(bytes.size() < xxh32_stripe);
  std::uint32_t hash = prime5 + static_cast<std::uint32_t>(bytes.size());
  for (; bytes.size() >= 4; bytes = bytes.subspan(4)) {
    const std::uint32_t little_endian = __builtin_bswap32(load_big_endian<std::uint32_t>(bytes.data()));
    hash = std::rotl(hash + little_endian * prime3, 17) * prime4;
  }
  for (const std::byte byte : bytes) hash = std::rotl(hash + std::to_integer<std::uint32_t>(byte) * prime5, 11) * prime1;
  hash = (hash ^ hash >> 15) * prime2;
  hash = (hash ^ hash >> 13) * prime3;
  return hash ^ hash >> 16;
}

Slice with_lz4_checksum(std::span<const std::byte> frame) {
  MutableBuffer copy(frame.size());
  if (!frame.empty()) std::memcpy(copy.span().data(), frame.data(), frame.size());
  if (frame.size() > descriptor_at) {
    const std::size_t size = descriptor_size(frame[descriptor_at]);
    if (frame.size() > descriptor_at + size) {
      copy.span()[descriptor_at + size] = second_byte(short_xxh32(frame.subspan(descriptor_at, size)));
    }
  }
  return std::move(copy).freeze();
}

void store_lz4_checksum_of_magic_0(std::span<std::byte> frame) {
  constexpr std::size_t checksum_at = descriptor_at + smallest_descriptor;
  CHECK(frame.size() > checksum_at && descriptor_size(frame[descriptor_at]) == smallest_descriptor);
  frame[checksum_at] = second_byte(short_xxh32(frame.first(checksum_at)));
}

}  // namespace acklab::protocol
