// TCP segments out of captured packets: what a link, and IPv4 or IPv6, are wrapped in.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <string>

#include "protocol/result.h"
#include "protocol/study/capture_packets.h"

namespace acklab::protocol {

// An address and a port: "10.1.0.2:9092", "[::1]:9092".
struct Endpoint {
  std::string address;
  std::uint16_t port = 0;

  friend auto operator<=>(const Endpoint&, const Endpoint&) = default;
  friend bool operator==(const Endpoint&, const Endpoint&) = default;
};
std::string to_string(const Endpoint& endpoint);

struct TcpSegment {
  std::size_t packet = 0;  // its number
  Duration at{};
  Endpoint from;
  Endpoint to;
  std::uint32_t sequence = 0;  // of the first byte of the payload: a SYN counts as one before it
  bool syn = false;
  bool ack = false;
  bool fin = false;
  bool rst = false;
  Slice payload;  // what the capture kept of it
};

// The error says why the packet is passed over: "not IP", "not TCP", "a link of type 105, which is not read here".
Result<TcpSegment, std::string> tcp_segment(const CapturedPacket& packet);

}  // namespace acklab::protocol
