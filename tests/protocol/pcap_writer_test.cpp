#include "protocol/study/pcap_writer.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "protocol/wire/big_endian.h"

namespace acklab::protocol {
namespace {

using Kind = Traffic::Kind;
using From = Traffic::From;

constexpr NodeId client = NodeId::client(3);
constexpr NodeId broker = NodeId::broker(BrokerId{2});

Traffic seen(Kind kind, From from = From::client, std::string_view bytes = {}, std::uint64_t connection = 1) {
  return {.kind = kind,
          .from = from,
          .client = client,
          .server = broker,
          .port = 9094,
          .connection = connection,
          .at = std::chrono::seconds(1'700'000'000) + std::chrono::nanoseconds(42),
          .bytes = std::as_bytes(std::span(bytes))};
}

// One packet, read back by its offsets.
struct Packet {
  std::uint32_t seconds, nanoseconds;
  std::uint32_t source, target;
  std::uint16_t source_port, target_port;
  std::uint32_t sequence, acknowledged;
  std::uint8_t flags;
  std::string payload;
  bool checksums_hold;
};

template <class Integer>
Integer at(const std::string& bytes, std::size_t offset) {
  return load_big_endian<Integer>(reinterpret_cast<const std::byte*>(bytes.data()) + offset);
}

// Zero if the checksum among the words is right.
std::uint16_t folded(const std::string& words) {
  std::uint32_t sum = 0;
  const std::string even = words + std::string(words.size() % 2, '\0');
  for (std::size_t i = 0; i < even.size(); i += 2) sum += at<std::uint16_t>(even, i);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >> 16);
  return static_cast<std::uint16_t>(~sum);
}

std::vector<Packet> packets_of(const std::string& bytes) {
  std::vector<Packet> packets;
  for (std::size_t i = 0; i < bytes.size();) {
    const auto size = at<std::uint32_t>(bytes, i + 8);
    EXPECT_EQ(at<std::uint32_t>(bytes, i + 12), size);
    const std::string ip = bytes.substr(i + 16, 20);
    const std::string tcp = bytes.substr(i + 36, size - 20);
    EXPECT_EQ(at<std::uint16_t>(ip, 2), size);
    const std::string pseudo = ip.substr(12) + std::string("\0\6", 2) + std::string{char((size - 20) >> 8), char(size - 20)};
    packets.push_back({at<std::uint32_t>(bytes, i), at<std::uint32_t>(bytes, i + 4), at<std::uint32_t>(ip, 12),
                       at<std::uint32_t>(ip, 16), at<std::uint16_t>(tcp, 0), at<std::uint16_t>(tcp, 2), at<std::uint32_t>(tcp, 4),
                       at<std::uint32_t>(tcp, 8), at<std::uint8_t>(tcp, 13), tcp.substr(20),
                       folded(ip) == 0 && folded(pseudo + tcp) == 0});
    i += 16 + size;
  }
  return packets;
}

TEST(PcapWriter, AFileBeginsWithTheHeaderOfRawPacketsInNanoseconds) {
  const std::string header = PcapWriter::file_header();

  ASSERT_EQ(header.size(), 24U);
  EXPECT_EQ(at<std::uint32_t>(header, 0), 0xa1b23c4d);
  EXPECT_EQ(at<std::uint32_t>(header, 20), 101U);
}

TEST(PcapWriter, AConversationHasTheNumbersThatAStreamIsPutTogetherFrom) {
  PcapWriter writer;
  std::string file = writer.packets(seen(Kind::opened));
  file += writer.packets(seen(Kind::bytes, From::client, "ask"));
  file += writer.packets(seen(Kind::bytes, From::server, "answer"));
  file += writer.packets(seen(Kind::end, From::client));
  file += writer.packets(seen(Kind::end, From::server));

  const std::vector<Packet> packets = packets_of(file);

  ASSERT_EQ(packets.size(), 7U);
  for (const Packet& packet : packets) {
    EXPECT_TRUE(packet.checksums_hold);
    EXPECT_EQ(packet.seconds, 1'700'000'000U);
    EXPECT_EQ(packet.nanoseconds, 42U);
  }
  const std::uint32_t zero = packets[0].sequence;
  EXPECT_EQ(packets[0].flags, 0x02);
  EXPECT_EQ(packets[0].source, 0x0a030003U);
  EXPECT_EQ(packets[0].target, 0x0a010002U);
  EXPECT_EQ(packets[0].target_port, 9094);
  EXPECT_EQ(packets[1].flags, 0x12);
  EXPECT_EQ(packets[1].acknowledged, zero + 1);
  EXPECT_EQ(packets[2].flags, 0x10);
  EXPECT_EQ(packets[3].sequence, zero + 1);
  EXPECT_EQ(packets[3].payload, "ask");
  EXPECT_EQ(packets[4].source_port, 9094);
  EXPECT_EQ(packets[4].acknowledged, zero + 4);
  EXPECT_EQ(packets[4].payload, "answer");
  EXPECT_EQ(packets[5].flags, 0x11);
  EXPECT_EQ(packets[5].sequence, zero + 4);
  EXPECT_EQ(packets[6].acknowledged, zero + 5);
  EXPECT_EQ(packets[6].sequence, zero + 7);
}

TEST(PcapWriter, WhatIsTooLongForAPacketIsCut) {
  PcapWriter writer;
  writer.packets(seen(Kind::opened));
  const std::string much(2 * PcapWriter::max_payload + 1, 'x');

  const std::vector<Packet> packets = packets_of(writer.packets(seen(Kind::bytes, From::server, much)));

  ASSERT_EQ(packets.size(), 3U);
  EXPECT_EQ(packets[0].payload + packets[1].payload + packets[2].payload, much);
  EXPECT_EQ(packets[2].sequence - packets[0].sequence, 2 * PcapWriter::max_payload);
}

TEST(PcapWriter, AResetIsWrittenOnceAndEndsTheConnection) {
  PcapWriter writer;
  writer.packets(seen(Kind::opened));

  const std::vector<Packet> packets = packets_of(writer.packets(seen(Kind::reset, From::server)));

  ASSERT_EQ(packets.size(), 1U);
  EXPECT_EQ(packets[0].flags, 0x14);
  EXPECT_EQ(writer.packets(seen(Kind::reset, From::client)), "");
  EXPECT_EQ(writer.packets(seen(Kind::bytes, From::client, "late")), "");
}

TEST(PcapWriter, ARefusedConnectionIsAnAnsweredSyn) {
  PcapWriter writer;

  const std::vector<Packet> packets = packets_of(writer.packets(seen(Kind::refused, From::server)));

  ASSERT_EQ(packets.size(), 2U);
  EXPECT_EQ(packets[0].flags, 0x02);
  EXPECT_EQ(packets[1].flags, 0x14);
}

TEST(PcapWriter, EachConnectionOfANodeHasAPortOfItsOwn) {
  PcapWriter writer;

  const auto one = packets_of(writer.packets(seen(Kind::opened)));
  const auto other = packets_of(writer.packets(seen(Kind::opened, From::client, {}, 2)));

  EXPECT_NE(one[0].source_port, other[0].source_port);
  EXPECT_NE(one[0].sequence, other[0].sequence);
}

}  // namespace
}  // namespace acklab::protocol
