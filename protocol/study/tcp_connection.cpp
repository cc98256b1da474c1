#include "protocol/study/tcp_connection.h"

#include <algorithm>
#include <utility>

namespace acklab::protocol {

void TcpStream::begin(std::uint32_t sequence) {
  begun_ = true;
  next_sequence_ = sequence;
}

void TcpStream::add(const TcpSegment& segment) {
  if (segment.payload.empty()) return;
  if (!begun_) begin(segment.sequence);
  // Sequence numbers wrap; what lies less than half of them behind has been before.
  const std::int64_t ahead = static_cast<std::int32_t>(segment.sequence - next_sequence_);
  Slice bytes = segment.payload;
  const auto size = static_cast<std::int64_t>(bytes.size());
  if (ahead + size <= 0) return;
  if (ahead < 0) bytes.remove_prefix(static_cast<std::size_t>(-ahead));
  const std::uint64_t position = next_ + static_cast<std::uint64_t>(std::max<std::int64_t>(ahead, 0));
  waiting_bytes_ += bytes.size();
  waiting_.emplace(position,
                   StreamPiece{.position = position, .bytes = std::move(bytes), .packet = segment.packet, .at = segment.at});
  deliver();
  while (waiting_bytes_ > most_bytes_waiting) give_up_for_lost();
}

void TcpStream::deliver() {
  while (!waiting_.empty() && waiting_.begin()->first <= next_) {
    StreamPiece piece = std::move(waiting_.begin()->second);
    waiting_.erase(waiting_.begin());
    waiting_bytes_ -= piece.bytes.size();
    const std::uint64_t known = next_ - piece.position;
    if (known >= piece.bytes.size()) continue;
    piece.bytes.remove_prefix(static_cast<std::size_t>(known));
    piece.position = next_;
    next_ += piece.bytes.size();
    next_sequence_ += static_cast<std::uint32_t>(piece.bytes.size());
    pieces_.push_back(std::move(piece));
  }
}

void TcpStream::give_up_for_lost() {
  const StreamPiece& first = waiting_.begin()->second;
  const std::uint64_t gap = first.position - next_;
  pieces_.push_back({.position = next_, .bytes = {}, .gap = gap, .packet = first.packet, .at = first.at});
  next_ += gap;
  next_sequence_ += static_cast<std::uint32_t>(gap);
  deliver();
}

void TcpStream::finish() {
  while (!waiting_.empty()) give_up_for_lost();
}

void TcpConnection::turn() {
  std::swap(client, server);
  std::swap(streams[0], streams[1]);
}

namespace {

class Assembly {
 public:
  void add(const TcpSegment& segment) {
    TcpConnection& connection = connection_of(segment);
    const bool from_client = segment.from == connection.client;
    TcpStream& stream = connection.streams[from_client ? 0 : 1];
    if (segment.syn && !stream.begun()) stream.begin(segment.sequence);
    stream.add(segment);
    if (segment.fin) closed_[index_of(connection)][from_client ? 0 : 1] = true;
    if (segment.rst) {
      const bool answered = connection.streams[1].begun() || !connection.whole;
      connection.end = answered ? TcpConnection::End::reset : TcpConnection::End::refused;
    } else if (closed_[index_of(connection)] == std::array{true, true} && connection.end == TcpConnection::End::open) {
      connection.end = TcpConnection::End::closed;
    }
  }

  std::vector<TcpConnection> finish() && {
    for (TcpConnection& connection : connections_) {
      for (TcpStream& stream : connection.streams) stream.finish();
    }
    return std::move(connections_);
  }

 private:
  using Pair = std::pair<Endpoint, Endpoint>;

  std::size_t index_of(const TcpConnection& connection) const {
    return static_cast<std::size_t>(&connection - connections_.data());
  }

  // The same two ends may talk again and again: a SYN with another number begins a new connection.
  TcpConnection& connection_of(const TcpSegment& segment) {
    const Pair pair = std::minmax(segment.from, segment.to);
    const bool begins = segment.syn && !segment.ack;
    const auto found = latest_.find(pair);
    if (found != latest_.end() && !(begins && first_sequence_[found->second] != segment.sequence)) {
      return connections_[found->second];
    }
    latest_[pair] = connections_.size();
    first_sequence_.push_back(segment.sequence);
    closed_.push_back({});
    const bool from_client = segment.syn ? begins : segment.from.port >= segment.to.port;
    return connections_.emplace_back(TcpConnection{.client = from_client ? segment.from : segment.to,
                                                   .server = from_client ? segment.to : segment.from,
                                                   .began = segment.at,
                                                   .whole = segment.syn,
                                                   .streams = {}});
  }

  std::vector<TcpConnection> connections_;
  std::vector<std::uint32_t> first_sequence_;
  std::vector<std::array<bool, 2>> closed_;
  std::map<Pair, std::size_t> latest_;
};

}  // namespace

TcpConnections tcp_connections(const std::vector<CapturedPacket>& packets) {
  TcpConnections result;
  Assembly assembly;
  for (const CapturedPacket& packet : packets) {
    const auto segment = tcp_segment(packet);
    if (segment) assembly.add(*segment);
    if (segment && packet.missing > 0) ++result.cut;
    if (!segment) ++result.passed_over[segment.error()];
  }
  result.connections = std::move(assembly).finish();
  return result;
}

}  // namespace acklab::protocol
