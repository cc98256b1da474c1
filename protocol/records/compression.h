// The five codecs of a record batch, by the bits in its attributes. Compressed data comes from strangers: the decompressors
// never trust a declared size, and what they give is capped (decompression bombs).
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "protocol/records/output_buffer.h"
#include "protocol/result.h"
#include "protocol/wire/slice.h"

namespace acklab::protocol {

enum class Codec : std::uint8_t { none = 0, gzip = 1, snappy = 2, lz4 = 3, zstd = 4 };

inline constexpr std::size_t max_decompressed_batch = 128u << 20;  // bytes

std::string_view name(Codec codec);                       // Kafka's compression.type: "none", "gzip", ...
std::optional<Codec> codec_named(std::string_view name);  // nothing for an unknown name
std::optional<Codec> codec_of_bits(std::uint8_t bits);    // nothing for 5, 6 and 7

// The levels that compression.<codec>.level takes. Snappy has none.
struct LevelRange {
  int least = 0;
  int most = 0;
  int preset = 0;  // what is taken if none is given
};
LevelRange levels(Codec codec);

// Compresses as Kafka's Java client does: snappy in xerial framing, lz4 frames of 64 KiB blocks. Keeps what a codec needs for its work
// from one call to the next.
class Compressor {
 public:
  // `level` lies in levels(codec). lz4 at its preset, 9, is the fast compressor and not the thorough one of that level, as in Kafka.
  explicit Compressor(Codec codec, int level);
  explicit Compressor(Codec codec) : Compressor(codec, levels(codec).preset) {}
  ~Compressor();
  Compressor(Compressor&&) noexcept;
  Compressor& operator=(Compressor&&) noexcept;

  struct Output {
    MutableBuffer buffer;  // begins with `headroom` bytes that are the caller's to fill
    std::size_t size;      // with the headroom
  };
  Output compress(std::size_t headroom, std::span<const std::byte> bytes);

 private:
  class Contexts;
  Codec codec_;
  int level_;
  std::unique_ptr<Contexts> contexts_;
};

// Once, at the preset level.
Slice compress(Codec codec, std::span<const std::byte> bytes);

// Decompresses one batch after the other. Keeps what a codec needs for its work, and the buffer that it writes to, from one call to
// the next.
class Decompressor {
 public:
  Decompressor();
  ~Decompressor();
  Decompressor(Decompressor&&) noexcept;
  Decompressor& operator=(Decompressor&&) noexcept;

  // What it gives lies in its own buffer until the next call, or is `bytes` itself for no codec. The reason is for people: "lz4: block
  // checksum". Reads both framings of snappy.
  Result<std::span<const std::byte>, std::string> decompress(Codec codec, std::span<const std::byte> bytes,
                                                             std::size_t limit = max_decompressed_batch);
  // Gives the last output away, with its buffer.
  Slice take() && { return std::move(output_).freeze(); }

 private:
  class Contexts;
  std::unique_ptr<Contexts> contexts_;
  OutputBuffer output_;
};

// Once, into a buffer of its own.
Result<Slice, std::string> decompress(Codec codec, const Slice& bytes, std::size_t limit = max_decompressed_batch);

}  // namespace acklab::protocol
