// CRC-32 as in gzip and Ethernet, the checksum of messages before there were record batches; those have CRC-32C (crc32c.h).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace acklab::protocol {

std::uint32_t crc32(std::span<const std::byte> bytes);

}  // namespace acklab::protocol
