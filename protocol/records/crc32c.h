// CRC-32C (Castagnoli), the checksum of record batches. Uses the processor's instruction where there is one; the portable
// slicing-by-8 gives equal results.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace acklab::protocol {

// Continues from `crc`; 0 starts a new checksum.
std::uint32_t crc32c(std::span<const std::byte> bytes, std::uint32_t crc = 0);

// The same without special instructions; for the test that compares the two.
std::uint32_t crc32c_portable(std::span<const std::byte> bytes, std::uint32_t crc = 0);

}  // namespace acklab::protocol
