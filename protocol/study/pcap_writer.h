// A capture of a world's traffic (protocol/runtime/traffic.h) that Wireshark opens: a pcap file of raw IPv4 packets, stamped to the
// nanosecond, with headers that no network ever saw around bytes that did travel.
//
//   global header  magic a1b23c4d, version 2.4, snap length 65535, link type 101 (raw IP)
//   each packet    seconds, nanoseconds, length, length | IPv4 header | TCP header | up to 65495 bytes
//
// Broker 2 is 10.1.0.2, the controller 10.2.0.1, client 0 is 10.3.0.0, stranger 5 is 10.128.0.5. A server has the port that it listens at;
// who connects gets a port of its own each time. Sequence and acknowledgement numbers are right, so streams can be put together: a
// connection opens with SYN, SYN+ACK, ACK at one time, ends with a FIN from each side, or breaks with RST. There are no bare ACKs: whatever
// stands in a capture has arrived. Pure: traffic in, bytes of the file out.
#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>

#include "protocol/runtime/traffic.h"

namespace acklab::protocol {

// The address of a node in a capture, as a number: 10.1.0.2 is 0x0a010002.
std::uint32_t address_in_capture(NodeId node);

class PcapWriter {
 public:
  static constexpr std::size_t max_payload = 65535 - 40;  // of one packet, behind two headers

  // What a file begins with.
  static std::string file_header();
  // What is to be appended for this. Of a connection that was not seen opening, or has ended, nothing.
  std::string packets(const Traffic& seen);

 private:
  struct Key {
    NodeId client;
    NodeId server;
    std::uint16_t port;
    std::uint64_t connection;

    friend constexpr auto operator<=>(const Key&, const Key&) = default;
  };
  // Indices are those of Traffic::From.
  struct Stream {
    std::array<std::uint32_t, 2> address;
    std::array<std::uint16_t, 2> port;
    std::array<std::uint32_t, 2> next;  // sequence number
    std::array<bool, 2> ended{};
  };

  Stream open(const Traffic& seen);
  static std::string packet(Stream& stream, const Traffic& seen, Traffic::From from, std::uint8_t flags,
                            std::span<const std::byte> payload = {});

  std::map<Key, Stream> streams_;
  std::uint32_t opened_ = 0;
};

}  // namespace acklab::protocol
