// TCP connections put together again from their segments: bytes in order, each once. What is out of order waits for what is missing; what
// comes again is dropped; what never comes is a gap; a connection that was there before the capture begins in the middle.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "protocol/study/tcp_segment.h"

namespace acklab::protocol {

// Some bytes of a stream, or a hole in it.
struct StreamPiece {
  std::uint64_t position = 0;  // in the stream, of which 0 is the first byte that was seen
  Slice bytes;
  std::uint64_t gap = 0;  // or: so many bytes are not in the capture
  std::size_t packet = 0;
  Duration at{};
};

// One direction.
class TcpStream {
 public:
  // So many bytes may wait for a segment before it is given up for lost: more than a window has.
  static constexpr std::size_t most_bytes_waiting = std::size_t{8} << 20;

  bool begun() const { return begun_; }
  // The number of its first byte.
  void begin(std::uint32_t sequence);
  void add(const TcpSegment& segment);
  // Nothing more will come.
  void finish();

  const std::vector<StreamPiece>& pieces() const { return pieces_; }

 private:
  void deliver();
  void give_up_for_lost();

  bool begun_ = false;
  std::uint32_t next_sequence_ = 0;
  std::uint64_t next_ = 0;  // the position that is wanted
  std::multimap<std::uint64_t, StreamPiece> waiting_;
  std::size_t waiting_bytes_ = 0;
  std::vector<StreamPiece> pieces_;
};

struct TcpConnection {
  enum class End { open, closed, reset, refused };

  Endpoint client;  // who connected; of a connection that was there before, who has the higher port, until it is turned
  Endpoint server;
  Duration began{};
  bool whole = false;  // it was seen opening
  End end = End::open;
  std::array<TcpStream, 2> streams;  // what the client sent, what the server sent

  // The client was the server, as somebody found out who knows what they say.
  void turn();
};

struct TcpConnections {
  std::vector<TcpConnection> connections;          // in the order in which they began
  std::map<std::string, std::size_t> passed_over;  // packets that are not of any, by why
  std::size_t cut = 0;                             // packets of which the capture did not keep all
};

TcpConnections tcp_connections(const std::vector<CapturedPacket>& packets);

}  // namespace acklab::protocol
