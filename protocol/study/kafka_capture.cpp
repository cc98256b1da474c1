#include "protocol/study/kafka_capture.h"

#include <algorithm>
#include <set>
#include <string_view>
#include <utility>

#include "protocol/messages/produce.h"
#include "protocol/messages/registry.h"
#include "protocol/study/frame_cutter.h"
#include "protocol/wire/big_endian.h"
#include "protocol/wire/decoder.h"
#include "protocol/wire/header.h"

namespace acklab::protocol {
namespace {

constexpr std::size_t size_bytes = 4;

std::int16_t int16_at(const Slice& bytes, std::size_t at) { return load_big_endian<std::int16_t>(bytes.data() + at); }
std::int32_t int32_at(const Slice& bytes, std::size_t at) { return load_big_endian<std::int32_t>(bytes.data() + at); }

// Size, API key, version, correlation id, length of the client id.
constexpr std::size_t request_header_bytes = 14;

// What the header says, as far as the capture has it; also of an API that the tables do not know.
std::optional<FrameKind> header_of(const Slice& request) {
  if (request.size() < request_header_bytes - 2) return std::nullopt;
  return FrameKind{int16_at(request, 4), int16_at(request, 6), int32_at(request, 8)};
}

bool begins_as_request(const Slice& bytes) {
  constexpr std::int16_t most_versions = 50;
  constexpr std::int32_t longest_client_id = 1000;
  if (bytes.size() < request_header_bytes) return false;
  const std::int32_t size = int32_at(bytes, 0);
  const std::int32_t client_id = int16_at(bytes, 12);
  constexpr auto least = static_cast<std::int32_t>(request_header_bytes - size_bytes);
  if (size < least || size > most_frame_bytes) return false;
  if (client_id < -1 || client_id > longest_client_id || least + std::max(client_id, 0) > size) return false;
  const std::int16_t version = int16_at(bytes, 6);
  // A newer Kafka may have APIs that the tables do not know.
  constexpr std::int16_t most_keys = 200;
  const std::int16_t key = int16_at(bytes, 4);
  return (find_api(key) || (key >= 0 && key < most_keys)) && version >= 0 && version < most_versions;
}

// Whether nothing will answer: of Produce with acks=0, as far as the capture has it.
bool wants_no_answer(const Slice& request, const FrameKind& kind) {
  constexpr MessageInfo info = ProduceRequest::info;
  if (kind.api_key != info.api_key || !info.has(kind.version)) return false;
  const auto parsed = parse_request(request.from(size_bytes));
  if (!parsed) return false;
  Decoder decoder(parsed->body, kind.version, info.flexible(kind.version));
  ProduceRequest produce;
  ProduceRequest::describe(produce, [&](auto& member, std::string_view name, Spec spec) {
    if (name == "TransactionalId" || name == "Acks") decoder(member, name, spec);
  });
  return decoder.ok() && produce.acks == 0;
}

// Turns a connection into messages.
class Conversation {
 public:
  Conversation(const TcpConnection& tcp, std::size_t connection, std::vector<KafkaMessage>& messages)
      : tcp_(tcp), connection_(connection), messages_(messages) {}

  KafkaConnection read() && {
    KafkaConnection result{.client = tcp_.client, .server = tcp_.server, .from_its_beginning = tcp_.whole, .end = tcp_.end};
    const StreamStart start = tcp_.whole ? StreamStart::frame : StreamStart::anything;
    CutStream requests = cut_frames(tcp_.streams[0], start, begins_as_request);
    const bool said_nothing = tcp_.streams[0].pieces().empty() && tcp_.streams[1].pieces().empty();
    result.kafka = said_nothing || std::any_of(requests.frames.begin(), requests.frames.end(),
                                               [](const CutFrame& frame) { return begins_as_request(frame.bytes); });
    if (!result.kafka) {
      for (const TcpStream& stream : tcp_.streams) {
        for (const StreamPiece& piece : stream.pieces()) result.bytes += piece.bytes.size();
      }
      return result;
    }
    // Requests first: they tell what a response may be.
    add(result, std::move(requests), KafkaMessage::Kind::request);
    const auto begins_as_response = [this](const Slice& bytes) {
      return bytes.size() >= 2 * size_bytes && open_.contains(int32_at(bytes, size_bytes));
    };
    add(result, cut_frames(tcp_.streams[1], start, begins_as_response), KafkaMessage::Kind::response);
    return result;
  }

 private:
  void add(KafkaConnection& connection, CutStream stream, KafkaMessage::Kind kind) {
    connection.bytes += stream.bytes;
    connection.missing += stream.missing;
    connection.skipped += stream.skipped;
    for (CutFrame& frame : stream.frames) {
      KafkaMessage message{.kind = kind,
                           .connection = connection_,
                           .packet = frame.packet,
                           .at = frame.at,
                           .frame = std::move(frame.bytes),
                           .size = frame.size};
      kind == KafkaMessage::Kind::request ? request(message) : response(message);
      messages_.push_back(std::move(message));
    }
  }

  void request(KafkaMessage& message) {
    message.header = header_of(message.frame);
    if (message.header && !wants_no_answer(message.frame, *message.header)) {
      open_.emplace(message.header->correlation, messages_.size());
    }
  }

  // Correlation ids may be used again; answers come in the order of requests.
  void response(KafkaMessage& message) {
    if (message.frame.size() < 2 * size_bytes) return;
    const std::int32_t correlation = int32_at(message.frame, size_bytes);
    const auto asked = open_.lower_bound(correlation);
    if (asked == open_.end() || asked->first != correlation) return;
    message.partner = asked->second;
    message.header = messages_[*message.partner].header;
    messages_[*message.partner].partner = messages_.size();
    open_.erase(asked);
  }

  const TcpConnection& tcp_;
  const std::size_t connection_;
  std::vector<KafkaMessage>& messages_;
  std::multimap<std::int32_t, std::size_t> open_;  // requests without an answer yet, by correlation id; the first of them first
};

// How many of the first frames of a stream are requests, read to their ends. Answers may begin like requests, but do not end like them.
auto requests_in(const TcpStream& stream) {
  constexpr std::size_t enough = 20;
  std::vector<CutFrame> frames = cut_frames(stream, StreamStart::anything, begins_as_request).frames;
  if (frames.size() > enough) frames.resize(enough);
  return std::ranges::count_if(frames, [](const CutFrame& frame) {
    return frame.bytes.size() == frame.size && !first_fault(dissect_request(frame.bytes).parts);
  });
}

// Of a connection that was there before the capture only the ports are known. Its server is whom others were seen connecting to, or else
// who is asked, or else who is asked in another connection.
void find_servers(std::vector<TcpConnection>& connections) {
  std::set<Endpoint> servers;
  for (const TcpConnection& connection : connections) {
    if (connection.whole) servers.insert(connection.server);
  }
  const auto is_known = [&](TcpConnection& connection) {
    const bool turned = servers.contains(connection.client);
    if (turned == servers.contains(connection.server)) return false;
    if (turned) connection.turn();
    return true;
  };
  for (TcpConnection& connection : connections) {
    if (connection.whole || is_known(connection)) continue;
    const auto asked = requests_in(connection.streams[0]);
    const auto answered = requests_in(connection.streams[1]);
    if (answered > asked) connection.turn();
    if (answered != asked) servers.insert(connection.server);
  }
  for (TcpConnection& connection : connections) {
    if (!connection.whole) is_known(connection);
  }
}

void sort_by_packet(std::vector<KafkaMessage>& messages) {
  std::vector<std::size_t> order(messages.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return messages[a].packet < messages[b].packet; });
  std::vector<std::size_t> place(messages.size());
  for (std::size_t i = 0; i < order.size(); ++i) place[order[i]] = i;
  std::vector<KafkaMessage> sorted;
  sorted.reserve(messages.size());
  for (const std::size_t i : order) {
    if (messages[i].partner) messages[i].partner = place[*messages[i].partner];
    sorted.push_back(std::move(messages[i]));
  }
  messages = std::move(sorted);
}

}  // namespace

KafkaCapture kafka_capture(const Slice& file) {
  const CapturedPackets packets = read_capture(file);
  TcpConnections tcp = tcp_connections(packets.packets);
  find_servers(tcp.connections);
  KafkaCapture capture{.connections = {},
                       .messages = {},
                       .packets = packets.packets.size(),
                       .cut_packets = tcp.cut,
                       .passed_over = tcp.passed_over,
                       .fault = packets.fault};
  for (const TcpConnection& connection : tcp.connections) {
    capture.connections.push_back(Conversation(connection, capture.connections.size(), capture.messages).read());
  }
  sort_by_packet(capture.messages);
  return capture;
}

std::vector<Part> dissect(const KafkaMessage& message) {
  if (message.kind == KafkaMessage::Kind::request) return dissect_request(message.frame).parts;
  if (message.header) return dissect_response(message.frame, *message.header);
  return dissect_unpaired_response(message.frame);
}

}  // namespace acklab::protocol
