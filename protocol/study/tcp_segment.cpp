#include "protocol/study/tcp_segment.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "protocol/wire/big_endian.h"

namespace acklab::protocol {
namespace {

using Unwrapped = Result<Slice, std::string>;

std::uint8_t u8(const Slice& bytes, std::size_t at) { return std::to_integer<std::uint8_t>(bytes.view()[at]); }
std::uint16_t u16(const Slice& bytes, std::size_t at) { return load_big_endian<std::uint16_t>(bytes.data() + at); }
std::uint32_t u32(const Slice& bytes, std::size_t at) { return load_big_endian<std::uint32_t>(bytes.data() + at); }

constexpr std::uint16_t ethertype_ipv4 = 0x0800;
constexpr std::uint16_t ethertype_ipv6 = 0x86dd;

tl::unexpected<std::string> because(std::string why) { return failure(std::move(why)); }
tl::unexpected<std::string> cut_short() { return because("cut short in its headers"); }

Unwrapped behind(const Slice& bytes, std::size_t header_size, std::uint16_t ethertype) {
  if (ethertype != ethertype_ipv4 && ethertype != ethertype_ipv6) return because("not IP");
  return bytes.from(header_size);
}

Unwrapped behind_ethernet(const Slice& bytes) {
  std::size_t at = 12;  // behind two addresses
  while (bytes.size() >= at + 2) {
    const std::uint16_t type = u16(bytes, at);
    const bool virtual_lan = type == 0x8100 || type == 0x88a8;
    if (!virtual_lan) return behind(bytes, at + 2, type);
    at += 4;
  }
  return cut_short();
}

// What lies in a frame of this link: an IP packet. (https://www.tcpdump.org/linktypes.html)
Unwrapped ip_packet(const CapturedPacket& packet) {
  const Slice& bytes = packet.bytes;
  const auto cooked = [&](std::size_t header_size, std::size_t protocol_at) -> Unwrapped {
    if (bytes.size() < header_size) return cut_short();
    return behind(bytes, header_size, u16(bytes, protocol_at));
  };
  switch (packet.link_type) {
    case 0:    // BSD loopback: the family of addresses, in the writer's byte order; IP itself says which it is
    case 108:  // OpenBSD's
      if (bytes.size() < 4) return cut_short();
      return bytes.from(4);
    case 1:
      return behind_ethernet(bytes);
    case 12:  // raw IP, by its numbers on BSDs
    case 14:
    case 101:
    case 228:
    case 229:
      return bytes;
    case 113:  // Linux, all interfaces: "cooked"
      return cooked(16, 14);
    case 276:  // and its second version
      return cooked(20, 0);
    default:
      return because(fmt::format("a link of type {}, which is not read here", packet.link_type));
  }
}

std::string ipv4_text(const Slice& bytes) {
  return fmt::format("{}.{}.{}.{}", u8(bytes, 0), u8(bytes, 1), u8(bytes, 2), u8(bytes, 3));
}

// Eight numbers, of which the longest run of zeros is left out (RFC 5952).
std::string ipv6_text(const Slice& bytes) {
  constexpr std::size_t numbers = 8;
  std::size_t left_out = 0, left_out_end = 0;
  for (std::size_t begin = 0, end = 0; begin < numbers; begin = end + 1) {
    for (end = begin; end < numbers && u16(bytes, 2 * end) == 0;) ++end;
    if (end - begin < 2 || end - begin <= left_out_end - left_out) continue;
    left_out = begin;
    left_out_end = end;
  }
  std::string text;
  for (std::size_t i = 0; i < numbers; ++i) {
    if (i >= left_out && i < left_out_end) {
      if (i == left_out) text += "::";
      continue;
    }
    if (!text.empty() && !text.ends_with(':')) text += ':';
    text += fmt::format("{:x}", u16(bytes, 2 * i));
  }
  return text;
}

constexpr std::uint8_t tcp_protocol = 6;

// What lies behind the IP headers.
struct Datagram {
  std::string from;
  std::string to;
  Slice segment;
};

// The segment has so many bytes; what follows only pads a short frame. Whoever captures on the sending machine may see packets before
// their length, 0, was filled in.
Slice without_padding(const Slice& rest, std::size_t announced, std::size_t headers) {
  return announced == 0 ? rest : rest.part(0, std::min(announced - headers, rest.size()));
}

Result<Datagram, std::string> in_ipv4(const Slice& ip) {
  constexpr std::size_t least_header = 20;
  if (ip.size() < least_header) return cut_short();
  const std::size_t header_size = std::size_t{4} * (u8(ip, 0) & 0x0f);
  if (header_size < least_header || header_size > ip.size()) return cut_short();
  constexpr std::uint16_t more_fragments_or_offset = 0x3fff;
  if ((u16(ip, 6) & more_fragments_or_offset) != 0) return because("a fragment of an IP packet");
  if (u8(ip, 9) != tcp_protocol) return because("not TCP");
  const std::size_t total = u16(ip, 2);
  if (total != 0 && total < header_size) return because("an IP packet that is shorter than its header");
  return Datagram{ipv4_text(ip.part(12, 4)), ipv4_text(ip.part(16, 4)),
                  without_padding(ip.from(header_size), total, header_size)};
}

Result<Datagram, std::string> in_ipv6(const Slice& ip) {
  constexpr std::size_t header_size = 40;
  if (ip.size() < header_size) return cut_short();
  std::size_t at = header_size;
  std::uint8_t next = u8(ip, 6);
  constexpr std::uint8_t hop_by_hop = 0, routing = 43, destination = 60, fragment = 44;
  while (next == hop_by_hop || next == routing || next == destination) {
    if (ip.size() < at + 2) return cut_short();
    next = u8(ip, at);
    at += 8 + std::size_t{8} * u8(ip, at + 1);
    if (at > ip.size()) return cut_short();
  }
  if (next == fragment) return because("a fragment of an IP packet");
  if (next != tcp_protocol) return because("not TCP");
  const std::size_t payload = u16(ip, 4);
  if (payload != 0 && payload < at - header_size) return because("an IP packet that is shorter than its header");
  return Datagram{ipv6_text(ip.part(8, 16)), ipv6_text(ip.part(24, 16)), without_padding(ip.from(at), payload, at - header_size)};
}

}  // namespace

std::string to_string(const Endpoint& endpoint) {
  const bool ipv6 = endpoint.address.find(':') != std::string::npos;
  const std::string address = ipv6 ? "[" + endpoint.address + "]" : endpoint.address;
  return address + ":" + std::to_string(endpoint.port);
}

Result<TcpSegment, std::string> tcp_segment(const CapturedPacket& packet) {
  const auto ip = ip_packet(packet);
  if (!ip) return because(ip.error());
  if (ip->empty()) return cut_short();
  const int version = u8(*ip, 0) >> 4;
  if (version != 4 && version != 6) return because("not IP");
  const auto found = version == 4 ? in_ipv4(*ip) : in_ipv6(*ip);
  if (!found) return because(found.error());

  constexpr std::size_t least_header = 20;
  const Slice& tcp = found->segment;
  if (tcp.size() < least_header) return cut_short();
  const std::size_t header_size = std::size_t{4} * (u8(tcp, 12) >> 4);
  if (header_size < least_header || header_size > tcp.size()) return cut_short();
  const std::uint8_t flags = u8(tcp, 13);
  const bool syn = (flags & 0x02) != 0;
  return TcpSegment{.packet = packet.number,
                    .at = packet.at,
                    .from = {found->from, u16(tcp, 0)},
                    .to = {found->to, u16(tcp, 2)},
                    .sequence = u32(tcp, 4) + (syn ? 1 : 0),
                    .syn = syn,
                    .ack = (flags & 0x10) != 0,
                    .fin = (flags & 0x01) != 0,
                    .rst = (flags & 0x04) != 0,
                    .payload = tcp.from(header_size)};
}

}  // namespace acklab::protocol
