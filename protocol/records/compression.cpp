#include "protocol/records/compression.h"

#include <fmt/format.h>
#include <lz4frame.h>
#include <zlib.h>
#include <zstd.h>

#include <array>
#include <cstring>
#include <memory>

#include "protocol/check.h"
#include "protocol/records/output_buffer.h"
#include "protocol/records/xerial.h"

namespace acklab::protocol {
namespace {

constexpr std::array<std::string_view, 5> names = {"none", "gzip", "snappy", "lz4", "zstd"};

using Decompressed = Result<Slice, std::string>;

auto too_large(Codec codec, std::size_t limit) { return failure(fmt::format("{}: expands beyond {} bytes", name(codec), limit)); }
auto corrupt(Codec codec, std::string_view reason) { return failure(fmt::format("{}: {}", name(codec), reason)); }

// --- gzip -------------------------------------------------------------------------------------------------------------------

constexpr int gzip_window = 15 + 16;  // zlib's way to ask for a 32 KiB window in a gzip member

Decompressed gzip_decompress(std::span<const std::byte> bytes, std::size_t limit) {
  z_stream stream{};
  CHECK(inflateInit2(&stream, gzip_window) == Z_OK);
  const std::unique_ptr<z_stream, int (*)(z_stream*)> end(&stream, inflateEnd);
  OutputBuffer output(bytes.size(), limit);
  stream.next_in = const_cast<Bytef*>(reinterpret_cast<const Bytef*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  while (true) {
    const auto room = output.room();
    stream.next_out = reinterpret_cast<Bytef*>(room.data());
    stream.avail_out = static_cast<uInt>(room.size());
    const int status = inflate(&stream, Z_NO_FLUSH);
    output.used(room.size() - stream.avail_out);
    if (output.beyond_limit()) return too_large(Codec::gzip, limit);
    if (status == Z_STREAM_END) {
      if (stream.avail_in == 0) return std::move(output).freeze();
      CHECK(inflateReset(&stream) == Z_OK);  // another member follows
    } else if (status == Z_BUF_ERROR || (status == Z_OK && stream.avail_in == 0 && stream.avail_out > 0)) {
      return corrupt(Codec::gzip, "ends inside a member");
    } else if (status != Z_OK) {
      return corrupt(Codec::gzip, stream.msg != nullptr ? stream.msg : "corrupt");
    }
  }
}

// --- lz4 --------------------------------------------------------------------------------------------------------------------

constexpr std::array<unsigned char, 4> lz4_magic = {0x04, 0x22, 0x4d, 0x18};
constexpr auto lz4_independent_blocks = std::byte{0x20};

// Kafka reads one frame, with or without checksums, and only with independent blocks.
Decompressed lz4_decompress(std::span<const std::byte> bytes, std::size_t limit) {
  if (bytes.size() <= lz4_magic.size() || std::memcmp(bytes.data(), lz4_magic.data(), lz4_magic.size()) != 0) {
    return corrupt(Codec::lz4, "not a frame");
  }
  if ((bytes[lz4_magic.size()] & lz4_independent_blocks) == std::byte{0}) {
    return corrupt(Codec::lz4, "blocks that depend on each other");
  }
  LZ4F_dctx* context = nullptr;
  CHECK(LZ4F_isError(LZ4F_createDecompressionContext(&context, LZ4F_VERSION)) == 0);
  const std::unique_ptr<LZ4F_dctx, LZ4F_errorCode_t (*)(LZ4F_dctx*)> end(context, LZ4F_freeDecompressionContext);
  OutputBuffer output(bytes.size(), limit);
  while (true) {
    const auto room = output.room();
    std::size_t written = room.size();
    std::size_t read = bytes.size();
    const std::size_t hint = LZ4F_decompress(context, room.data(), &written, bytes.data(), &read, nullptr);
    if (LZ4F_isError(hint) != 0) return corrupt(Codec::lz4, LZ4F_getErrorName(hint));
    output.used(written);
    bytes = bytes.subspan(read);
    if (output.beyond_limit()) return too_large(Codec::lz4, limit);
    if (hint == 0) {
      if (bytes.empty()) return std::move(output).freeze();
      return corrupt(Codec::lz4, "bytes behind the frame");
    }
    if (bytes.empty() && written < room.size()) return corrupt(Codec::lz4, "ends inside the frame");
  }
}

// --- zstd -------------------------------------------------------------------------------------------------------------------

constexpr int zstd_largest_window_log = 27;

// As a stream, because frames often do not say how large they are, and what they say is not believed.
Decompressed zstd_decompress(std::span<const std::byte> bytes, std::size_t limit) {
  const std::unique_ptr<ZSTD_DCtx, std::size_t (*)(ZSTD_DCtx*)> context(ZSTD_createDCtx(), ZSTD_freeDCtx);
  CHECK(ZSTD_isError(ZSTD_DCtx_setParameter(context.get(), ZSTD_d_windowLogMax, zstd_largest_window_log)) == 0);
  OutputBuffer output(bytes.size(), limit);
  ZSTD_inBuffer input{bytes.data(), bytes.size(), 0};
  while (true) {
    const auto room = output.room();
    ZSTD_outBuffer part{room.data(), room.size(), 0};
    const std::size_t hint = ZSTD_decompressStream(context.get(), &part, &input);
    if (ZSTD_isError(hint) != 0) return corrupt(Codec::zstd, ZSTD_getErrorName(hint));
    output.used(part.pos);
    if (output.beyond_limit()) return too_large(Codec::zstd, limit);
    if (hint == 0 && input.pos == input.size) return std::move(output).freeze();
    if (input.pos == input.size && part.pos < part.size) return corrupt(Codec::zstd, "ends inside a frame");
  }
}

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

Decompressed decompress(Codec codec, const Slice& bytes, std::size_t limit) {
  switch (codec) {
    case Codec::none:
      return bytes;
    case Codec::gzip:
      return gzip_decompress(bytes.view(), limit);
    case Codec::snappy:
      return is_xerial(bytes.view()) ? xerial_decompress(bytes.view(), limit) : raw_snappy_decompress(bytes.view(), limit);
    case Codec::lz4:
      return lz4_decompress(bytes.view(), limit);
    case Codec::zstd:
      return zstd_decompress(bytes.view(), limit);
  }
  check_failed("a known codec", __FILE__, __LINE__);
}

}  // namespace acklab::protocol
