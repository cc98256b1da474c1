// Captures as other programs write them: the packets of PcapWriter in other wrappers, in other orders, and not all of them.
#include "protocol/study/kafka_capture.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "protocol/messages/produce.h"
#include "protocol/study/pcap_writer.h"
#include "protocol/wire/big_endian.h"
#include "protocol/wire/header.h"
#include "tests/protocol/hex.h"

namespace acklab::protocol {
namespace {

using Kind = Traffic::Kind;
using From = Traffic::From;
using testing::ElementsAre;
using testing::HasSubstr;

// ---- Writing captures

template <class Integer>
std::string big(Integer value) {
  std::string bytes(sizeof value, '\0');
  store_big_endian(reinterpret_cast<std::byte*>(bytes.data()), value);
  return bytes;
}

std::string bytes_of(std::string_view hex) { return std::string(from_hex(hex).text()); }

enum class Order { big, little };

template <class Integer>
std::string in(Order order, Integer value) {
  std::string bytes = big(value);
  if (order == Order::little) std::reverse(bytes.begin(), bytes.end());
  return bytes;
}

std::uint32_t u32(const std::string& bytes, std::size_t at) {
  return load_big_endian<std::uint32_t>(reinterpret_cast<const std::byte*>(bytes.data()) + at);
}

struct Packet {
  std::uint32_t seconds = 0;
  std::uint32_t nanoseconds = 0;
  std::string ip;
};

// A conversation of one client and one broker, a microsecond between two things that happen.
class Script {
 public:
  explicit Script(std::uint16_t port = 9092) : port_(port) { add(Kind::opened); }

  Script& says(From from, const std::string& bytes) { return add(Kind::bytes, from, bytes); }
  Script& ends() { return add(Kind::end, From::client).add(Kind::end, From::server); }
  std::vector<Packet> packets() const { return packets_; }

 private:
  Script& add(Kind kind, From from = From::client, const std::string& bytes = {}) {
    at_ += std::chrono::microseconds(1);
    const std::string written = writer_.packets({.kind = kind,
                                                 .from = from,
                                                 .client = NodeId::client(0),
                                                 .server = NodeId::broker(BrokerId{1}),
                                                 .port = port_,
                                                 .connection = 1,
                                                 .at = at_,
                                                 .bytes = std::as_bytes(std::span(bytes))});
    for (std::size_t i = 0; i < written.size();) {
      const std::size_t size = u32(written, i + 8);
      packets_.push_back({u32(written, i), u32(written, i + 4), written.substr(i + 16, size)});
      i += 16 + size;
    }
    return *this;
  }

  PcapWriter writer_;
  std::uint16_t port_;  // the broker's
  Duration at_ = std::chrono::seconds(100);
  std::vector<Packet> packets_;
};

struct Format {
  Order order = Order::big;
  enum class Stamps { micro, nano, modified } stamps = Stamps::nano;  // modified: micro, under larger headers
  std::uint32_t link_type = 101;
  std::string link_header;
};

std::string pcap(const std::vector<Packet>& packets, const Format& format = {}) {
  const bool nano = format.stamps == Format::Stamps::nano;
  const Order order = format.order;
  const bool modified = format.stamps == Format::Stamps::modified;
  std::string file = in<std::uint32_t>(order, nano       ? 0xa1b23c4d
                                              : modified ? 0xa1b2cd34
                                                         : 0xa1b2c3d4) +
                     in<std::uint16_t>(order, 2) + in<std::uint16_t>(order, 4) + std::string(8, '\0') +
                     in<std::uint32_t>(order, 65535) + in(order, format.link_type);
  for (const Packet& packet : packets) {
    const std::string bytes = format.link_header + packet.ip;
    const auto size = static_cast<std::uint32_t>(bytes.size());
    file += in(order, packet.seconds) + in(order, nano ? packet.nanoseconds : packet.nanoseconds / 1000) + in(order, size) +
            in(order, size) + std::string(modified ? 8 : 0, '\0') + bytes;
  }
  return file;
}

std::string pcapng(const std::vector<Packet>& packets, Order order) {
  const auto block = [&](std::uint32_t type, std::string content) {
    content.resize((content.size() + 3) / 4 * 4);
    const auto size = in(order, static_cast<std::uint32_t>(content.size() + 12));
    return in(order, type) + size + content + size;
  };
  std::string file =
      block(0x0a0d0d0a, in<std::uint32_t>(order, 0x1a2b3c4d) + in<std::uint16_t>(order, 1) + std::string(10, '\xff'));
  const std::string nanoseconds = in<std::uint16_t>(order, 9) + in<std::uint16_t>(order, 1) + std::string("\x09\0\0\0", 4);
  file += block(1, in<std::uint16_t>(order, 101) + std::string(6, '\0') + nanoseconds + std::string(4, '\0'));
  for (const Packet& packet : packets) {
    const std::uint64_t stamp = packet.seconds * std::uint64_t{1'000'000'000} + packet.nanoseconds;
    const auto size = static_cast<std::uint32_t>(packet.ip.size());
    file += block(6, in<std::uint32_t>(order, 0) + in(order, static_cast<std::uint32_t>(stamp >> 32)) +
                         in(order, static_cast<std::uint32_t>(stamp)) + in(order, size) + in(order, size) + packet.ip);
  }
  return file;
}

// ---- What was said

std::string request(std::int32_t correlation) {
  return bytes_of("0000000c 0012 0000") + big(correlation) + bytes_of("0002 6d65");
}
std::string response(std::int32_t correlation) {
  return bytes_of("00000010") + big(correlation) + bytes_of("0000 00000001 0012 0000 0004");
}

Script three_questions() {
  Script script;
  for (const std::int32_t id : {7, 8, 9}) script.says(From::client, request(id)).says(From::server, response(id));
  return script.ends();
}

// "> 7 at 2 us", "< 7 at 3 us": kind, correlation id, time since the connection opened.
std::vector<std::string> told(const KafkaCapture& capture) {
  std::vector<std::string> lines;
  for (const KafkaMessage& message : capture.messages) {
    const auto at = message.at - std::chrono::seconds(100) - std::chrono::microseconds(1);
    lines.push_back((message.kind == KafkaMessage::Kind::request ? "> " : "< ") +
                    (message.header ? std::to_string(message.header->correlation) : "?") + " at " +
                    std::to_string(std::chrono::duration_cast<std::chrono::microseconds>(at).count()) + " us");
    const bool readable = message.whole() && message.header.has_value();
    EXPECT_TRUE(!readable || !first_fault(dissect(message)));
  }
  return lines;
}
KafkaCapture read(const std::string& file) { return kafka_capture(Slice::copy_of(file)); }

const auto all_three = ElementsAre("> 7 at 1 us", "< 7 at 2 us", "> 8 at 3 us", "< 8 at 4 us", "> 9 at 5 us", "< 9 at 6 us");

TEST(KafkaCapture, FilesOfEveryWriterSayTheSame) {
  const std::vector<Packet> packets = three_questions().packets();
  const std::string ethernet = std::string(12, '\1') + bytes_of("0800");
  const std::vector<std::pair<std::uint32_t, std::string>> links = {{0, bytes_of("02000000")},
                                                                    {0, bytes_of("00000002")},
                                                                    {1, ethernet},
                                                                    {1, std::string(12, '\1') + bytes_of("8100 0005 0800")},
                                                                    {12, ""},
                                                                    {101, ""},
                                                                    {101 | 0x24000000, ""},  // checksums of 2 x 16 bits
                                                                    {108, bytes_of("00000002")},
                                                                    {113, std::string(14, '\1') + bytes_of("0800")},
                                                                    {228, ""},
                                                                    {276, bytes_of("0800") + std::string(18, '\1')}};

  for (const auto& [type, header] : links) {
    for (const Order order : {Order::big, Order::little}) {
      for (const auto stamps : {Format::Stamps::micro, Format::Stamps::nano, Format::Stamps::modified}) {
        const KafkaCapture capture = read(pcap(packets, {order, stamps, type, header}));

        EXPECT_THAT(told(capture), all_three) << "link type " << type;
        EXPECT_EQ(capture.fault, "");
        ASSERT_EQ(capture.connections.size(), 1U);
        EXPECT_EQ(to_string(capture.connections[0].client), "10.3.0.0:32768");
        EXPECT_EQ(to_string(capture.connections[0].server), "10.1.0.1:9092");
        EXPECT_EQ(capture.connections[0].end, TcpConnection::End::closed);
      }
    }
  }
  for (const Order order : {Order::big, Order::little}) EXPECT_THAT(told(read(pcapng(packets, order))), all_three);
}

// The packet of IPv4 with other addresses around what it carries.
std::string in_ipv6(const std::string& ipv4, const std::string& from, const std::string& to) {
  const std::string tcp = ipv4.substr(20);
  return bytes_of("60000000") + big(static_cast<std::uint16_t>(tcp.size())) + bytes_of("0640") + from + to + tcp;
}

TEST(KafkaCapture, ItMayBeIpv6) {
  std::vector<Packet> packets = three_questions().packets();
  for (Packet& packet : packets) {
    const std::string zeros(15, '\0');
    packet.ip = in_ipv6(packet.ip, zeros + packet.ip.substr(15, 1), zeros + packet.ip.substr(19, 1));
  }

  const KafkaCapture capture = read(pcap(packets));

  EXPECT_THAT(told(capture), all_three);
  ASSERT_EQ(capture.connections.size(), 1U);
  EXPECT_EQ(to_string(capture.connections[0].server), "[::1]:9092");
}

TEST(KafkaCapture, OfIpv6AddressesTheLongestRunOfZerosIsLeftOut) {
  const std::vector<std::pair<std::string, std::string>> addresses = {
      {"0000 0000 0000 0000 0000 0000 0000 0000", "::"},
      {"fe80 0000 0000 0000 0000 0000 0000 0000", "fe80::"},
      {"2001 0db8 0000 0000 0001 0000 0000 0001", "2001:db8::1:0:0:1"},
      {"2001 0000 0000 0001 0000 0000 0000 0001", "2001:0:0:1::1"},
      {"2001 0db8 0000 0001 0001 0001 0001 0001", "2001:db8:0:1:1:1:1:1"},
      {"0001 0002 0003 0004 0005 0006 0007 abcd", "1:2:3:4:5:6:7:abcd"},
  };
  for (const auto& [bytes, text] : addresses) {
    Packet packet = three_questions().packets().front();
    packet.ip = in_ipv6(packet.ip, bytes_of("fe80") + std::string(14, '\1'), bytes_of(bytes));

    const KafkaCapture capture = read(pcap({packet}));

    ASSERT_EQ(capture.connections.size(), 1U);
    EXPECT_EQ(capture.connections[0].server.address, text);
  }
}

TEST(KafkaCapture, WhatIsOutOfOrderOrComesTwiceIsPutInOrder) {
  std::vector<Packet> packets = three_questions().packets();
  std::swap(packets[3], packets[5]);                // the first question behind the second
  packets.insert(packets.begin() + 7, packets[6]);  // an answer twice

  const KafkaCapture capture = read(pcap(packets));

  EXPECT_EQ(capture.messages.size(), 6U);
  EXPECT_EQ(capture.connections[0].missing, 0U);
  for (const KafkaMessage& message : capture.messages) EXPECT_TRUE(message.partner.has_value());
}

TEST(KafkaCapture, ASynMayBringTheFirstBytes) {
  std::vector<Packet> packets = three_questions().packets();
  std::string& syn = packets[0].ip;
  syn += request(7);  // TCP Fast Open
  syn[3] = static_cast<char>(syn.size());
  packets.erase(packets.begin() + 3);

  const KafkaCapture capture = read(pcap(packets));

  EXPECT_THAT(told(capture),
              ElementsAre("> 7 at 0 us", "< 7 at 2 us", "> 8 at 3 us", "< 8 at 4 us", "> 9 at 5 us", "< 9 at 6 us"));
  EXPECT_EQ(capture.connections[0].missing, 0U);
}

TEST(KafkaCapture, AFrameMayLieInManyPackets) {
  Script script;
  for (const char byte : request(7)) script.says(From::client, std::string(1, byte));
  script.says(From::client, request(8) + request(9).substr(0, 5)).says(From::client, request(9).substr(5));
  script.says(From::server, response(7) + response(8) + response(9));

  const KafkaCapture capture = read(pcap(script.packets()));

  EXPECT_THAT(told(capture),
              ElementsAre("> 7 at 16 us", "> 8 at 17 us", "> 9 at 18 us", "< 7 at 19 us", "< 8 at 19 us", "< 9 at 19 us"));
}

TEST(KafkaCapture, BehindAGapItGoesOn) {
  std::vector<Packet> packets = three_questions().packets();
  packets.erase(packets.begin() + 5);  // the second question

  const KafkaCapture capture = read(pcap(packets));

  EXPECT_THAT(told(capture), ElementsAre("> 7 at 1 us", "< 7 at 2 us", "< ? at 4 us", "> 9 at 5 us", "< 9 at 6 us"));
  EXPECT_EQ(capture.connections[0].missing, request(8).size());
  EXPECT_FALSE(capture.messages[2].partner.has_value());
}

TEST(KafkaCapture, OfAFrameWithAGapTheBeginningIsShown) {
  Script script;
  script.says(From::client, request(7).substr(0, 12)).says(From::client, request(7).substr(12, 2));
  script.says(From::client, request(7).substr(14) + request(8));
  std::vector<Packet> packets = script.packets();
  packets.erase(packets.begin() + 4);

  const KafkaCapture capture = read(pcap(packets));

  ASSERT_THAT(told(capture), ElementsAre("> 7 at 1 us", "> 8 at 3 us"));
  EXPECT_FALSE(capture.messages[0].whole());
  EXPECT_EQ(capture.messages[0].frame.size(), 12U);
  EXPECT_EQ(capture.messages[0].size, request(7).size());
}

TEST(KafkaCapture, AConnectionThatWasThereBeforeIsJoined) {
  Script script;
  script.says(From::client, request(7).substr(3))
      .says(From::client, request(8))
      .says(From::server, response(7))
      .says(From::server, response(8));
  std::vector<Packet> packets = script.packets();
  packets.erase(packets.begin(), packets.begin() + 3);

  const KafkaCapture capture = read(pcap(packets));

  ASSERT_THAT(told(capture), ElementsAre("> 8 at 2 us", "< 8 at 4 us"));
  EXPECT_FALSE(capture.connections[0].from_its_beginning);
  EXPECT_EQ(to_string(capture.connections[0].server), "10.1.0.1:9092");
  EXPECT_EQ(capture.connections[0].skipped, request(7).size() - 3 + response(7).size());
}

// The same conversation without its beginning, with a broker whose port is the higher one.
std::vector<Packet> late_with_high_port(const std::vector<std::pair<From, std::string>>& said) {
  Script script(50000);
  for (const auto& [from, bytes] : said) script.says(from, bytes);
  std::vector<Packet> packets = script.packets();
  packets.erase(packets.begin(), packets.begin() + 3);
  return packets;
}

TEST(KafkaCapture, OfAConnectionThatWasThereBeforeTheClientIsWhoAsks) {
  const auto packets = late_with_high_port({{From::client, request(7)}, {From::server, response(7)}});

  const KafkaCapture capture = read(pcap(packets));

  ASSERT_THAT(told(capture), ElementsAre("> 7 at 1 us", "< 7 at 2 us"));
  EXPECT_EQ(to_string(capture.connections[0].client), "10.3.0.0:32768");
  EXPECT_EQ(to_string(capture.connections[0].server), "10.1.0.1:50000");
}

TEST(KafkaCapture, WhomOthersConnectToIsTheServerOfAConnectionThatWasThereBefore) {
  std::vector<Packet> packets = late_with_high_port({{From::server, response(7)}, {From::server, response(8)}});
  packets.erase(packets.begin());
  for (const Packet& packet : Script(50000).packets()) packets.push_back(packet);

  const KafkaCapture capture = read(pcap(packets));

  ASSERT_EQ(capture.connections.size(), 2U);
  EXPECT_FALSE(capture.connections[0].from_its_beginning);
  EXPECT_EQ(to_string(capture.connections[0].server), "10.1.0.1:50000");
}

TEST(KafkaCapture, WhatIsNotAnsweredAndWhatAnswersNothingIsSaid) {
  Script script;
  script.says(From::client, request(7)).says(From::server, response(5));

  const KafkaCapture capture = read(pcap(script.packets()));

  ASSERT_EQ(capture.messages.size(), 2U);
  EXPECT_FALSE(capture.messages[0].partner.has_value());
  EXPECT_FALSE(capture.messages[1].partner.has_value());
  EXPECT_EQ(dissect(capture.messages[1]).back().note, "cannot be read without the request that it answers");
}

TEST(KafkaCapture, ACorrelationIdThatIsUsedAgainAnswersInOrder) {
  Script script;
  script.says(From::client, request(7)).says(From::client, request(7)).says(From::server, response(7) + response(7));

  const KafkaCapture capture = read(pcap(script.packets()));

  ASSERT_EQ(capture.messages.size(), 4U);
  EXPECT_EQ(capture.messages[2].partner, 0U);
  EXPECT_EQ(capture.messages[3].partner, 1U);
}

TEST(KafkaCapture, WhatWantsNoAnswerGetsNone) {
  constexpr MessageInfo info = ProduceRequest::info;
  for (std::int16_t version = info.first_version; version <= info.last_version; ++version) {
    for (const std::int16_t acks : {std::int16_t{0}, std::int16_t{1}}) {
      const ProduceRequest produce{.transactional_id = {}, .acks = acks, .timeout_ms = 100, .topics = {}};
      Script script;
      script.says(From::client, std::string(request_frame(produce, version, 7, "me").flatten().text()));
      script.says(From::client, request(7)).says(From::server, response(7));

      const KafkaCapture capture = read(pcap(script.packets()));

      ASSERT_EQ(capture.messages.size(), 3U);
      EXPECT_EQ(capture.messages[2].partner, acks == 0 ? 1U : 0U) << "version " << version;
    }
  }
}

TEST(KafkaCapture, ARefusalToTellTheVersionsIsReadInVersionZero) {
  Script script;
  script.says(From::client, bytes_of("0000000d 0012 0009 00000007 0002 6d65 00"));
  script.says(From::server, bytes_of("00000010 00000007 0023 00000001 0012 0000 0004"));

  const KafkaCapture capture = read(pcap(script.packets()));

  ASSERT_EQ(capture.messages.size(), 2U);
  EXPECT_EQ(first_fault(dissect(capture.messages[1])), std::nullopt);
}

TEST(KafkaCapture, OtherProtocolsAreLeftAlone) {
  Script script;
  script.says(From::client, "GET / HTTP/1.1\r\n\r\n").says(From::server, "HTTP/1.1 200 OK\r\n\r\n");

  const KafkaCapture capture = read(pcap(script.packets()));

  EXPECT_TRUE(capture.messages.empty());
  ASSERT_EQ(capture.connections.size(), 1U);
  EXPECT_FALSE(capture.connections[0].kafka);
}

TEST(KafkaCapture, PacketsThatAreNotTcpArePassedOverAndCounted) {
  std::vector<Packet> packets = three_questions().packets();
  Packet udp = packets[0];
  udp.ip[9] = 17;
  packets.insert(packets.begin(), {udp, udp});

  const KafkaCapture capture = read(pcap(packets));

  EXPECT_THAT(told(capture), all_three);
  EXPECT_EQ(capture.passed_over.at("not TCP"), 2U);
}

TEST(KafkaCapture, AFileThatEndsTooSoonIsReadAsFarAsItGoes) {
  for (const std::string& file : {pcap(three_questions().packets()), pcapng(three_questions().packets(), Order::little)}) {
    for (std::size_t size = 0; size < file.size(); ++size) {
      const KafkaCapture capture = read(file.substr(0, size));
      EXPECT_LE(capture.messages.size(), 6U);
      EXPECT_TRUE(size % 4 == 0 || capture.fault != "") << size;
    }
  }
}

TEST(KafkaCapture, AStampThatNoClockShowsIsRefused) {
  for (const Order order : {Order::big, Order::little}) {
    const Packet packet = three_questions().packets().front();
    std::string file = pcapng({packet}, order);
    const std::size_t block = file.size() - (32 + packet.ip.size());
    file.replace(block + 12, 4, std::string(4, '\xff'));  // the stamp's upper half

    const KafkaCapture capture = read(file);

    EXPECT_EQ(capture.packets, 0U);
    EXPECT_THAT(capture.fault, HasSubstr("behind packet 0: a packet's stamp of 18446744070 seconds since 1970"));
  }
}

TEST(KafkaCapture, WhatIsNoCaptureIsSaidToBeNone) {
  EXPECT_FALSE(looks_like_capture(Slice::copy_of("hello, world")));
  EXPECT_THAT(read("hello, world").fault, HasSubstr("no capture"));
}

}  // namespace
}  // namespace acklab::protocol
