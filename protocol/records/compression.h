// The five codecs of a record batch, by the bits in its attributes. Compressed data comes from strangers: the decompressors
// never trust a declared size, and what they give is capped (decompression bombs).
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "protocol/result.h"
#include "protocol/wire/slice.h"

namespace acklab::protocol {

enum class Codec : std::uint8_t { none = 0, gzip = 1, snappy = 2, lz4 = 3, zstd = 4 };

inline constexpr std::size_t max_decompressed_batch = 128u << 20;  // bytes

std::string_view name(Codec codec);                       // Kafka's compression.type: "none", "gzip", ...
std::optional<Codec> codec_named(std::string_view name);  // nothing for an unknown name
std::optional<Codec> codec_of_bits(std::uint8_t bits);    // nothing for 5, 6 and 7

// Compresses as Kafka's Java client does at its default levels: gzip 6, snappy in xerial framing, lz4 frames of 64 KiB blocks, zstd 3.
Slice compress(Codec codec, std::span<const std::byte> bytes);

// The reason is for people: "lz4: block checksum". Reads both framings of snappy.
Result<Slice, std::string> decompress(Codec codec, const Slice& bytes, std::size_t limit = max_decompressed_batch);

}  // namespace acklab::protocol
