#include "protocol/records/xerial.h"

#include <fmt/format.h>
#include <snappy.h>

#include <array>

#include "protocol/wire/big_endian.h"

namespace acklab::protocol {
namespace {

constexpr std::array<unsigned char, 8> magic = {0x82, 'S', 'N', 'A', 'P', 'P', 'Y', 0};
constexpr std::size_t header_size = 16;
constexpr std::size_t block_size = 32 * 1024;
// Snappy's densest element copies 64 bytes and takes three, so an honest block never declares more than this many times its size.
constexpr std::size_t densest = 22;

const char* chars(const std::byte* bytes) { return reinterpret_cast<const char*>(bytes); }

}  // namespace

bool is_xerial(std::span<const std::byte> bytes) {
  return bytes.size() >= magic.size() && std::memcmp(bytes.data(), magic.data(), magic.size()) == 0;
}

Slice xerial_compress(std::span<const std::byte> bytes) {
  const std::size_t blocks = (bytes.size() + block_size - 1) / block_size;
  MutableBuffer framed(header_size + blocks * (sizeof(std::int32_t) + snappy::MaxCompressedLength(block_size)));
  std::byte* const start = framed.span().data();
  std::byte* out = start;
  std::memcpy(out, magic.data(), magic.size());
  out = store_big_endian(out + magic.size(), std::int32_t{1});  // version
  out = store_big_endian(out, std::int32_t{1});                 // lowest compatible version
  for (std::size_t at = 0; at < bytes.size(); at += block_size) {
    const auto block = bytes.subspan(at, std::min(block_size, bytes.size() - at));
    std::size_t length = 0;
    snappy::RawCompress(chars(block.data()), block.size(), reinterpret_cast<char*>(out + sizeof(std::int32_t)), &length);
    out = store_big_endian(out, static_cast<std::int32_t>(length)) + length;
  }
  return std::move(framed).freeze(static_cast<std::size_t>(out - start));
}

std::optional<std::string> raw_snappy_decompress(std::span<const std::byte> block, OutputBuffer& output) {
  std::size_t declared = 0;
  if (!snappy::GetUncompressedLength(chars(block.data()), block.size(), &declared)) return "snappy: no length";
  if (declared > output.left()) return fmt::format("snappy: expands beyond {} bytes", output.limit());
  if (declared > densest * block.size()) return "snappy: declares more than the block can hold";
  const auto room = output.room(declared);
  if (!snappy::RawUncompress(chars(block.data()), block.size(), reinterpret_cast<char*>(room.data()))) {
    return "snappy: corrupt block";
  }
  output.used(declared);
  return std::nullopt;
}

std::optional<std::string> xerial_decompress(std::span<const std::byte> bytes, OutputBuffer& output) {
  while (!bytes.empty()) {
    if (is_xerial(bytes)) {
      if (bytes.size() < header_size) return "snappy: ends inside a xerial header";
      bytes = bytes.subspan(header_size);
      continue;
    }
    if (bytes.size() < sizeof(std::int32_t)) return "snappy: ends inside a block length";
    const auto length = load_big_endian<std::int32_t>(bytes.data());
    bytes = bytes.subspan(sizeof length);
    if (length < 0 || static_cast<std::size_t>(length) > bytes.size()) return "snappy: a block length beyond the end";
    if (auto fault = raw_snappy_decompress(bytes.first(static_cast<std::size_t>(length)), output)) return fault;
    bytes = bytes.subspan(static_cast<std::size_t>(length));
  }
  return std::nullopt;
}

}  // namespace acklab::protocol
