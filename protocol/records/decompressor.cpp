// The decompressing half of compression.h.
#include <fmt/format.h>
#include <lz4frame.h>
#include <zlib.h>
#include <zstd.h>

#include <array>
#include <cstring>
#include <memory>
#include <optional>

#include "protocol/check.h"
#include "protocol/records/compression.h"
#include "protocol/records/xerial.h"

namespace acklab::protocol {
namespace {

// What is wrong with the input; nothing if it could be decompressed.
using Fault = std::optional<std::string>;

Fault too_large(Codec codec, const OutputBuffer& output) {
  return fmt::format("{}: expands beyond {} bytes", name(codec), output.limit());
}
Fault corrupt(Codec codec, std::string_view reason) { return fmt::format("{}: {}", name(codec), reason); }

// --- gzip -------------------------------------------------------------------------------------------------------------------

constexpr int gzip_window = 15 + 16;  // zlib's way to ask for a 32 KiB window in a gzip member

struct Inflate {
  Inflate() { CHECK(inflateInit2(&stream, gzip_window) == Z_OK); }
  ~Inflate() { inflateEnd(&stream); }
  Inflate(const Inflate&) = delete;
  Inflate& operator=(const Inflate&) = delete;

  z_stream stream{};
};

Fault gzip_decompress(z_stream& stream, std::span<const std::byte> bytes, OutputBuffer& output) {
  CHECK(inflateReset(&stream) == Z_OK);
  stream.next_in = const_cast<Bytef*>(reinterpret_cast<const Bytef*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  while (true) {
    const auto room = output.room();
    stream.next_out = reinterpret_cast<Bytef*>(room.data());
    stream.avail_out = static_cast<uInt>(room.size());
    const int status = inflate(&stream, Z_NO_FLUSH);
    output.used(room.size() - stream.avail_out);
    if (output.beyond_limit()) return too_large(Codec::gzip, output);
    if (status == Z_STREAM_END) {
      if (stream.avail_in == 0) return std::nullopt;
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

using Lz4Context = std::unique_ptr<LZ4F_dctx, LZ4F_errorCode_t (*)(LZ4F_dctx*)>;

LZ4F_dctx* new_lz4_context() {
  LZ4F_dctx* context = nullptr;
  CHECK(LZ4F_isError(LZ4F_createDecompressionContext(&context, LZ4F_VERSION)) == 0);
  return context;
}

// Kafka reads one frame, with or without checksums, and only with independent blocks.
Fault lz4_decompress(LZ4F_dctx* context, std::span<const std::byte> bytes, OutputBuffer& output) {
  if (bytes.size() <= lz4_magic.size() || std::memcmp(bytes.data(), lz4_magic.data(), lz4_magic.size()) != 0) {
    return corrupt(Codec::lz4, "not a frame");
  }
  if ((bytes[lz4_magic.size()] & lz4_independent_blocks) == std::byte{0}) {
    return corrupt(Codec::lz4, "blocks that depend on each other");
  }
  LZ4F_resetDecompressionContext(context);
  while (true) {
    const auto room = output.room();
    std::size_t written = room.size();
    std::size_t read = bytes.size();
    const std::size_t hint = LZ4F_decompress(context, room.data(), &written, bytes.data(), &read, nullptr);
    if (LZ4F_isError(hint) != 0) return corrupt(Codec::lz4, LZ4F_getErrorName(hint));
    output.used(written);
    bytes = bytes.subspan(read);
    if (output.beyond_limit()) return too_large(Codec::lz4, output);
    if (hint == 0) return bytes.empty() ? Fault{} : corrupt(Codec::lz4, "bytes behind the frame");
    if (bytes.empty() && written < room.size()) return corrupt(Codec::lz4, "ends inside the frame");
  }
}

// --- zstd -------------------------------------------------------------------------------------------------------------------

constexpr int zstd_largest_window_log = 27;

using ZstdContext = std::unique_ptr<ZSTD_DCtx, std::size_t (*)(ZSTD_DCtx*)>;

ZSTD_DCtx* new_zstd_context() {
  ZSTD_DCtx* context = ZSTD_createDCtx();
  CHECK(context != nullptr);
  CHECK(ZSTD_isError(ZSTD_DCtx_setParameter(context, ZSTD_d_windowLogMax, zstd_largest_window_log)) == 0);
  return context;
}

// As a stream, because frames often do not say how large they are, and what they say is not believed.
Fault zstd_decompress(ZSTD_DCtx* context, std::span<const std::byte> bytes, OutputBuffer& output) {
  CHECK(ZSTD_isError(ZSTD_DCtx_reset(context, ZSTD_reset_session_only)) == 0);
  ZSTD_inBuffer input{bytes.data(), bytes.size(), 0};
  while (true) {
    const auto room = output.room();
    ZSTD_outBuffer part{room.data(), room.size(), 0};
    const std::size_t hint = ZSTD_decompressStream(context, &part, &input);
    if (ZSTD_isError(hint) != 0) return corrupt(Codec::zstd, ZSTD_getErrorName(hint));
    output.used(part.pos);
    if (output.beyond_limit()) return too_large(Codec::zstd, output);
    if (hint == 0 && input.pos == input.size) return std::nullopt;
    if (input.pos == input.size && part.pos < part.size) return corrupt(Codec::zstd, "ends inside a frame");
  }
}

}  // namespace

// Each is made when its codec is met for the first time.
class Decompressor::Contexts {
 public:
  Fault decompress(Codec codec, std::span<const std::byte> bytes, OutputBuffer& output) {
    switch (codec) {
      case Codec::none:
        break;
      case Codec::gzip:
        if (!inflate_) inflate_ = std::make_unique<Inflate>();
        return gzip_decompress(inflate_->stream, bytes, output);
      case Codec::snappy:
        return is_xerial(bytes) ? xerial_decompress(bytes, output) : raw_snappy_decompress(bytes, output);
      case Codec::lz4:
        if (!lz4_) lz4_.reset(new_lz4_context());
        return lz4_decompress(lz4_.get(), bytes, output);
      case Codec::zstd:
        if (!zstd_) zstd_.reset(new_zstd_context());
        return zstd_decompress(zstd_.get(), bytes, output);
    }
    check_failed("a codec", __FILE__, __LINE__);
  }

 private:
  std::unique_ptr<Inflate> inflate_;
  Lz4Context lz4_{nullptr, LZ4F_freeDecompressionContext};
  ZstdContext zstd_{nullptr, ZSTD_freeDCtx};
};

Decompressor::Decompressor() : contexts_(std::make_unique<Contexts>()) {}
Decompressor::~Decompressor() = default;
Decompressor::Decompressor(Decompressor&&) noexcept = default;
Decompressor& Decompressor::operator=(Decompressor&&) noexcept = default;

Result<std::span<const std::byte>, std::string> Decompressor::decompress(Codec codec, std::span<const std::byte> bytes,
                                                                         std::size_t limit) {
  if (codec == Codec::none) return bytes;
  output_.start(bytes.size(), limit);
  if (const Fault fault = contexts_->decompress(codec, bytes, output_)) return failure(*fault);
  return output_.view();
}

Result<Slice, std::string> decompress(Codec codec, const Slice& bytes, std::size_t limit) {
  if (codec == Codec::none) return bytes;
  Decompressor once;
  if (const auto plain = once.decompress(codec, bytes.view(), limit); !plain) return failure(plain.error());
  return std::move(once).take();
}

}  // namespace acklab::protocol
