// The header of an LZ4 frame ends with a checksum of itself:
//
//   04 22 4d 18   FLG   BD   [content size, 8]   [dictionary id, 4]   HC
//
// HC is the second byte of XXH32 over everything from FLG on. Kafka's first code for lz4 took the four bytes before FLG into the sum as
// well (KAFKA-3160). Its messages were in the world by then, so in magic 0 the wrong sum is the right one: whoever reads must not mind
// HC, and whoever writes must write it wrongly. Since magic 1 it is as the format says.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "protocol/wire/slice.h"

namespace acklab::protocol {

// XXH32 with seed 0, of what a header can have: fewer bytes than the sixteen from which on the hash works in stripes.
inline constexpr std::size_t xxh32_stripe = 16;
std::uint32_t short_xxh32(std::span<const std::byte> bytes);

// A copy of the frame with the checksum as the format says. What is not a frame stays what it is, for the decompressor to refuse.
Slice with_lz4_checksum(std::span<const std::byte> frame);

// In the place of the checksum, that of magic 0. `frame` is one that our compressor wrote: with neither content size nor dictionary.
void store_lz4_checksum_of_magic_0(std::span<std::byte> frame);

}  // namespace acklab::protocol
