// Whatever a capture file holds, what is read out of it agrees with itself: a message has no more bytes than its connection, an answer and
// its request know each other, and each can be taken apart and held.
#include "protocol/check.h"
#include "protocol/messages/registry.h"
#include "protocol/study/generate.h"
#include "protocol/study/hex_dump.h"
#include "protocol/study/kafka_capture.h"
#include "protocol/study/pcap_writer.h"
#include "protocol/wire/big_endian.h"
#include "tests/fuzz/held.h"
#include "tests/fuzz/target.h"

namespace acklab::fuzz {

using protocol::KafkaCapture;
using protocol::KafkaMessage;
using protocol::Slice;
using protocol::Traffic;

void run_captures(Input input) {
  const Slice file = Slice::copy_of(text_of(input));
  const KafkaCapture capture = protocol::kafka_capture(file);
  CHECK(looks_like_capture(file) || !capture.fault.empty());
  CHECK(capture.packets <= file.size());

  std::uint64_t bytes = 0;
  for (const protocol::KafkaConnection& connection : capture.connections) {
    CHECK(connection.skipped <= connection.bytes);
    bytes += connection.bytes;
  }
  CHECK(bytes <= file.size());
  std::uint64_t in_messages = 0;
  for (std::size_t i = 0; i < capture.messages.size(); ++i) {
    const KafkaMessage& message = capture.messages[i];
    CHECK(message.frame.size() <= message.size);
    CHECK(message.connection < capture.connections.size());
    CHECK(i == 0 || capture.messages[i - 1].packet <= message.packet);
    in_messages += message.frame.size();
    if (message.partner) {
      const KafkaMessage& partner = capture.messages[*message.partner];
      CHECK(partner.partner == i && partner.kind != message.kind && partner.connection == message.connection);
    }
    const std::vector<protocol::Part> parts = dissect(message);
    check_budget(parts);
    CHECK(!hex_dump(parts).empty());
  }
  CHECK(in_messages <= bytes);
}

namespace {

std::string framed(const std::string& content) {
  std::string bytes(4, '\0');
  protocol::store_big_endian(reinterpret_cast<std::byte*>(bytes.data()), static_cast<std::int32_t>(content.size()));
  return bytes + content;
}

template <class Integer>
std::string big(Integer value) {
  std::string bytes(sizeof value, '\0');
  protocol::store_big_endian(reinterpret_cast<std::byte*>(bytes.data()), value);
  return bytes;
}

// A client that asks in one version, and its answer, both random.
std::string conversation(const protocol::Api& api, std::int16_t version, protocol::Random& random) {
  const std::string tags = protocol::flexible(api.key, version) ? std::string(1, '\0') : "";
  const bool plain_response = api.key == 18;
  const std::string request = framed(big(api.key) + big(version) + big<std::int32_t>(7) + big<std::int16_t>(-1) + tags +
                                     std::string(generate(api.request, version, random).text()));
  const std::string response =
      framed(big<std::int32_t>(7) + (plain_response ? "" : tags) + std::string(generate(api.response, version, random).text()));

  protocol::PcapWriter writer;
  Traffic seen{.kind = Traffic::Kind::opened,
               .client = protocol::NodeId::client(0),
               .server = protocol::NodeId::broker(protocol::BrokerId{0}),
               .port = 9092,
               .connection = 1,
               .at = std::chrono::seconds(1)};
  std::string file = protocol::PcapWriter::file_header() + writer.packets(seen);
  seen.kind = Traffic::Kind::bytes;
  seen.bytes = std::as_bytes(std::span(request));
  file += writer.packets(seen);
  seen.from = Traffic::From::server;
  seen.bytes = std::as_bytes(std::span(response));
  file += writer.packets(seen);
  seen.kind = Traffic::Kind::end;
  return file + writer.packets(seen);
}

}  // namespace

std::vector<std::string> capture_seeds() {
  protocol::Random random(1);
  std::vector<std::string> seeds;
  for (const protocol::Api& api : protocol::apis()) {
    const auto& info = api.request.info;
    for (const std::int16_t version : {info.first_version, info.last_version})
      seeds.push_back(conversation(api, version, random));
  }
  return seeds;
}

}  // namespace acklab::fuzz
