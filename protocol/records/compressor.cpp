// The compressing half of compression.h.
#include <lz4frame.h>
#include <zlib.h>
#include <zstd.h>

#include <cstring>

#include "protocol/check.h"
#include "protocol/records/compression.h"
#include "protocol/records/xerial.h"

namespace acklab::protocol {
namespace {

constexpr int gzip_window = 15 + 16;  // zlib's way to ask for a 32 KiB window in a gzip member
constexpr int gzip_memory = 8;        // zlib's own choice

using Output = Compressor::Output;

// A compressor of its own for each codec would be four small classes; the contexts that they would keep are all there is to them.
using ZstdContext = std::unique_ptr<ZSTD_CCtx, std::size_t (*)(ZSTD_CCtx*)>;

struct Deflate {
  explicit Deflate(int level) {
    CHECK(deflateInit2(&stream, level, Z_DEFLATED, gzip_window, gzip_memory, Z_DEFAULT_STRATEGY) == Z_OK);
  }
  ~Deflate() { deflateEnd(&stream); }
  Deflate(const Deflate&) = delete;
  Deflate& operator=(const Deflate&) = delete;

  z_stream stream{};
};

Output gzip_compress(Deflate& deflate_state, std::size_t headroom, std::span<const std::byte> bytes) {
  z_stream& stream = deflate_state.stream;
  CHECK(deflateReset(&stream) == Z_OK);
  gz_header header{};
  header.os = 255;  // "unknown", as Java writes; zlib would name the operating system it was built for
  CHECK(deflateSetHeader(&stream, &header) == Z_OK);
  MutableBuffer output(headroom + deflateBound(&stream, bytes.size()));
  const auto room = output.span().subspan(headroom);
  // zlib's input pointer is not const for historic reasons; it is only read.
  stream.next_in = const_cast<Bytef*>(reinterpret_cast<const Bytef*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(room.data());
  stream.avail_out = static_cast<uInt>(room.size());
  CHECK(deflate(&stream, Z_FINISH) == Z_STREAM_END);
  return {std::move(output), headroom + stream.total_out};
}

Output lz4_compress(int level, std::size_t headroom, std::span<const std::byte> bytes) {
  LZ4F_preferences_t preferences{};  // no content size and no checksums: FLG 60
  preferences.frameInfo.blockSizeID = LZ4F_max64KB;
  preferences.frameInfo.blockMode = LZ4F_blockIndependent;
  preferences.compressionLevel = level == levels(Codec::lz4).preset ? 0 : level;
  MutableBuffer output(headroom + LZ4F_compressFrameBound(bytes.size(), &preferences));
  const auto room = output.span().subspan(headroom);
  const std::size_t size = LZ4F_compressFrame(room.data(), room.size(), bytes.data(), bytes.size(), &preferences);
  CHECK(LZ4F_isError(size) == 0);
  return {std::move(output), headroom + size};
}

Output zstd_compress(ZSTD_CCtx* context, int level, std::size_t headroom, std::span<const std::byte> bytes) {
  MutableBuffer output(headroom + ZSTD_compressBound(bytes.size()));
  const auto room = output.span().subspan(headroom);
  const std::size_t size = ZSTD_compressCCtx(context, room.data(), room.size(), bytes.data(), bytes.size(), level);
  CHECK(ZSTD_isError(size) == 0);
  return {std::move(output), headroom + size};
}

Output copied(std::size_t headroom, std::span<const std::byte> bytes) {
  MutableBuffer output(headroom + bytes.size());
  if (!bytes.empty()) std::memcpy(output.span().data() + headroom, bytes.data(), bytes.size());
  return {std::move(output), headroom + bytes.size()};
}

}  // namespace

LevelRange levels(Codec codec) {
  switch (codec) {
    case Codec::gzip:
      return {.least = 1, .most = 9, .preset = Z_DEFAULT_COMPRESSION};
    case Codec::lz4:
      return {.least = 1, .most = 17, .preset = 9};
    case Codec::zstd:
      return {.least = ZSTD_minCLevel(), .most = ZSTD_maxCLevel(), .preset = 3};
    case Codec::none:
    case Codec::snappy:
      break;
  }
  return {};
}

class Compressor::Contexts {
 public:
  Deflate& deflate_at(int level) {
    if (!deflate_) deflate_ = std::make_unique<Deflate>(level);
    return *deflate_;
  }
  ZSTD_CCtx* zstd() {
    if (!zstd_) zstd_.reset(ZSTD_createCCtx());
    CHECK(zstd_);
    return zstd_.get();
  }

 private:
  std::unique_ptr<Deflate> deflate_;
  ZstdContext zstd_{nullptr, ZSTD_freeCCtx};
};

Compressor::Compressor(Codec codec, int level) : codec_(codec), level_(level), contexts_(std::make_unique<Contexts>()) {}
Compressor::~Compressor() = default;
Compressor::Compressor(Compressor&&) noexcept = default;
Compressor& Compressor::operator=(Compressor&&) noexcept = default;

Output Compressor::compress(std::size_t headroom, std::span<const std::byte> bytes) {
  switch (codec_) {
    case Codec::none:
      return copied(headroom, bytes);
    case Codec::gzip:
      return gzip_compress(contexts_->deflate_at(level_), headroom, bytes);
    case Codec::snappy:
      return copied(headroom, xerial_compress(bytes).view());
    case Codec::lz4:
      return lz4_compress(level_, headroom, bytes);
    case Codec::zstd:
      return zstd_compress(contexts_->zstd(), level_, headroom, bytes);
  }
  check_failed("a known codec", __FILE__, __LINE__);
}

Slice compress(Codec codec, std::span<const std::byte> bytes) {
  Output output = Compressor(codec).compress(0, bytes);
  return std::move(output.buffer).freeze(output.size);
}

}  // namespace acklab::protocol
