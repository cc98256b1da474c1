// The packets of a capture file, whoever wrote it: pcap in either byte order, with micro- or nanoseconds, and pcapng.
//
//   pcap    magic a1b2c3d4 (microseconds) or a1b23c4d (nanoseconds), in the writer's byte order; then packets, all of one link type.
//           Old Linux captures have a1b2cd34 (microseconds), and larger headers of packets
//   pcapng  blocks of type, length, content, length again; a section begins with a block that says its byte order, each interface has a
//           block with its link type and the unit of its stamps, a packet's block names its interface
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "protocol/runtime/time.h"
#include "protocol/wire/slice.h"

namespace acklab::protocol {

struct CapturedPacket {
  std::size_t number = 0;  // from 1, as Wireshark counts
  Duration at{};           // since 1970
  std::uint32_t link_type = 0;
  Slice bytes;              // as many as the capture kept
  std::size_t missing = 0;  // bytes that it did not keep
};

struct CapturedPackets {
  std::vector<CapturedPacket> packets;
  std::string fault;  // why it cannot be read any further; empty if it was read to its end
};

// Whether a file begins as a capture does.
bool looks_like_capture(const Slice& file);

// The packets share the file's buffer.
CapturedPackets read_capture(const Slice& file);

}  // namespace acklab::protocol
