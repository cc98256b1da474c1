#include "protocol/study/pcap_writer.h"

#include <algorithm>
#include <string_view>

#include "protocol/wire/big_endian.h"

namespace acklab::protocol {
namespace {

constexpr std::uint32_t magic_nanoseconds = 0xa1b23c4d;
constexpr std::uint32_t snap_length = 65535;
constexpr std::uint32_t link_type_raw = 101;

constexpr std::size_t ip_header_size = 20;
constexpr std::size_t tcp_header_size = 20;

constexpr std::uint8_t fin = 0x01;
constexpr std::uint8_t syn = 0x02;
constexpr std::uint8_t rst = 0x04;
constexpr std::uint8_t psh = 0x08;
constexpr std::uint8_t ack = 0x10;

// The ports that Linux gives to those who connect.
constexpr std::uint16_t first_client_port = 32768;
constexpr std::uint16_t client_ports = 28232;
// A port that is used again has to begin with another number, or its SYN would pass for a repetition.
constexpr std::uint32_t sequence_step = 64000;

template <class Integer>
void put(std::string& out, Integer value) {
  std::array<std::byte, sizeof value> bytes;
  store_big_endian(bytes.data(), value);
  out.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
}

// The Internet's: the ones' complement of the sum of 16-bit words (RFC 1071).
std::uint32_t sum_of_words(std::string_view bytes) {
  std::uint32_t sum = 0;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const std::uint32_t byte = static_cast<unsigned char>(bytes[i]);
    sum += i % 2 == 0 ? byte << 8 : byte;
    sum = (sum & 0xffff) + (sum >> 16);
  }
  return sum;
}

void put_checksum(std::string& packet, std::size_t at, std::uint32_t sum) {
  sum = (sum & 0xffff) + (sum >> 16);
  const std::uint32_t checksum = ~((sum & 0xffff) + (sum >> 16));
  packet[at] = static_cast<char>(checksum >> 8);
  packet[at + 1] = static_cast<char>(checksum);
}

constexpr std::size_t index(Traffic::From from) { return from == Traffic::From::client ? 0 : 1; }
constexpr Traffic::From other(Traffic::From from) {
  return from == Traffic::From::client ? Traffic::From::server : Traffic::From::client;
}

}  // namespace

std::uint32_t address_in_capture(NodeId node) {
  constexpr std::uint32_t brokers = 0x0a010000;
  constexpr std::uint32_t the_controller = 0x0a020001;
  constexpr std::uint32_t clients = 0x0a030000;
  constexpr std::uint32_t strangers = 0x0a800000;
  constexpr std::uint32_t most_strangers = 0x00800000;
  const auto number = static_cast<std::uint32_t>(node.value);
  if (node.is_controller()) return the_controller;
  if (node.is_broker()) return brokers + number;
  if (node.is_client()) return clients + (number - NodeId::first_client);
  return strangers + (number - NodeId::first_stranger) % most_strangers;
}

std::string PcapWriter::file_header() {
  std::string out;
  put(out, magic_nanoseconds);
  put<std::uint16_t>(out, 2);
  put<std::uint16_t>(out, 4);
  put<std::uint32_t>(out, 0);  // its stamps are UTC
  put<std::uint32_t>(out, 0);  // and as exact as they look
  put(out, snap_length);
  put(out, link_type_raw);
  return out;
}

std::string PcapWriter::packets(const Traffic& seen) {
  using Kind = Traffic::Kind;
  using From = Traffic::From;
  const Key key{seen.client, seen.server, seen.port, seen.connection};
  if (seen.kind == Kind::refused) {
    Stream stream = open(seen);
    return packet(stream, seen, From::client, syn) + packet(stream, seen, From::server, rst | ack);
  }
  if (seen.kind == Kind::opened) {
    Stream& stream = streams_.insert_or_assign(key, open(seen)).first->second;
    std::string handshake = packet(stream, seen, From::client, syn);
    handshake += packet(stream, seen, From::server, syn | ack);
    return handshake + packet(stream, seen, From::client, ack);
  }

  const auto found = streams_.find(key);
  if (found == streams_.end()) return "";
  Stream& stream = found->second;
  bool& ended = stream.ended[index(seen.from)];
  std::string out;
  if (seen.kind == Kind::bytes) {
    for (auto rest = seen.bytes; !rest.empty() && !ended;) {
      const std::size_t taken = std::min(rest.size(), max_payload);
      out += packet(stream, seen, seen.from, psh | ack, rest.first(taken));
      rest = rest.subspan(taken);
    }
  } else if (seen.kind == Kind::end) {
    if (!ended) out = packet(stream, seen, seen.from, fin | ack);
    ended = true;
    if (stream.ended[0] && stream.ended[1]) streams_.erase(found);
  } else {
    out = packet(stream, seen, seen.from, rst | ack);
    streams_.erase(found);
  }
  return out;
}

PcapWriter::Stream PcapWriter::open(const Traffic& seen) {
  const std::uint32_t number = opened_++;
  const std::uint32_t sequence = number * sequence_step;
  return {.address = {address_in_capture(seen.client), address_in_capture(seen.server)},
          .port = {static_cast<std::uint16_t>(first_client_port + number % client_ports), seen.port},
          .next = {sequence, sequence}};
}

std::string PcapWriter::packet(Stream& stream, const Traffic& seen, Traffic::From from, std::uint8_t flags,
                               std::span<const std::byte> payload) {
  const std::size_t me = index(from);
  const std::size_t peer = index(other(from));
  const std::size_t tcp_size = tcp_header_size + payload.size();

  std::string addresses;
  put(addresses, stream.address[me]);
  put(addresses, stream.address[peer]);

  std::string ip;
  constexpr std::uint16_t version_and_header_words = 0x4500;
  constexpr std::uint32_t do_not_fragment = 0x4000;
  constexpr std::uint16_t time_to_live_and_tcp = 0x4006;
  put(ip, version_and_header_words);
  put(ip, static_cast<std::uint16_t>(ip_header_size + tcp_size));
  put(ip, do_not_fragment);
  put(ip, time_to_live_and_tcp);
  put<std::uint16_t>(ip, 0);
  ip += addresses;
  put_checksum(ip, 10, sum_of_words(ip));

  std::string tcp;
  put(tcp, stream.port[me]);
  put(tcp, stream.port[peer]);
  put(tcp, stream.next[me]);
  put(tcp, (flags & ack) != 0 ? stream.next[peer] : 0);
  put(tcp, static_cast<std::uint16_t>(0x5000 | flags));  // a header of five words
  put<std::uint16_t>(tcp, 65535);                        // window
  put<std::uint32_t>(tcp, 0);                            // checksum, urgent pointer
  tcp.append(reinterpret_cast<const char*>(payload.data()), payload.size());
  constexpr std::uint32_t tcp_protocol = 6;
  put_checksum(tcp, 16, sum_of_words(tcp) + sum_of_words(addresses) + tcp_protocol + static_cast<std::uint32_t>(tcp_size));

  stream.next[me] += static_cast<std::uint32_t>(payload.size()) + ((flags & (syn | fin)) != 0 ? 1 : 0);

  const auto seconds = std::chrono::floor<std::chrono::seconds>(seen.at);
  std::string out;
  put(out, static_cast<std::uint32_t>(seconds.count()));
  put(out, static_cast<std::uint32_t>((seen.at - seconds).count()));
  put(out, static_cast<std::uint32_t>(ip.size() + tcp.size()));
  put(out, static_cast<std::uint32_t>(ip.size() + tcp.size()));
  return out + ip + tcp;
}

}  // namespace acklab::protocol
