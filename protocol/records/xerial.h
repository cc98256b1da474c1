// Snappy as the Java client writes it: the raw format holds one block, so the xerial library frames blocks of 32 KiB.
//
//   82 'S' 'N' 'A' 'P' 'P' 'Y' 00   version int32   compatible int32   then per block: length int32, raw snappy
//
// A header may come again between two blocks, where outputs were joined. librdkafka writes a raw block without a frame.
#pragma once

#include <optional>
#include <string>

#include "protocol/records/output_buffer.h"
#include "protocol/wire/slice.h"

namespace acklab::protocol {

Slice xerial_compress(std::span<const std::byte> bytes);

// Whether the data starts with xerial's magic; if not it is a raw block.
bool is_xerial(std::span<const std::byte> bytes);

// Both give the fault, if any, as a line for people.
std::optional<std::string> xerial_decompress(std::span<const std::byte> bytes, OutputBuffer& output);
std::optional<std::string> raw_snappy_decompress(std::span<const std::byte> bytes, OutputBuffer& output);

}  // namespace acklab::protocol
