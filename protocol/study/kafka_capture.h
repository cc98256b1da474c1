// What clients and brokers said to each other in a capture: frames cut out of streams, each response with the request that it answers,
// because only that says how to read it.
//
// A stream that begins in the middle, or goes on behind a gap, is joined at the next packet that begins as a frame does.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "protocol/study/dissect_frame.h"
#include "protocol/study/tcp_connection.h"

namespace acklab::protocol {

struct KafkaMessage {
  enum class Kind { request, response };

  Kind kind = Kind::request;
  std::size_t connection = 0;  // its place in KafkaCapture::connections
  std::size_t packet = 0;      // that brought its last byte
  Duration at{};               // when that was
  Slice frame;                 // with its size before it; less of it if the capture has no more
  std::size_t size = 0;        // what it should have
  // What the request said of itself; of a response, what the request that it answers said. Nothing if that is not in the capture.
  std::optional<FrameKind> header{};
  std::optional<std::size_t> partner{};  // the answer of a request, the request of an answer: its place in KafkaCapture::messages

  bool whole() const { return frame.size() == size; }
};

struct KafkaConnection {
  Endpoint client;
  Endpoint server;
  bool kafka = true;  // else nothing that the client said begins as a request does
  bool from_its_beginning = false;
  TcpConnection::End end{};
  std::uint64_t bytes = 0;    // both directions
  std::uint64_t missing = 0;  // of them, in gaps
  std::uint64_t skipped = 0;  // of them, that belong to no frame: behind a gap, or before the first whole one
};

struct KafkaCapture {
  std::vector<KafkaConnection> connections;
  std::vector<KafkaMessage> messages;  // in the order in which they were complete
  std::size_t packets = 0;
  std::size_t cut_packets = 0;                     // of which the capture did not keep all
  std::map<std::string, std::size_t> passed_over;  // packets, by why
  std::string fault;                               // why the file could not be read to its end
};

KafkaCapture kafka_capture(const Slice& file);

// A whole or partial message, taken apart. A response without its request has no more than a correlation id that can be read.
std::vector<Part> dissect(const KafkaMessage& message);

}  // namespace acklab::protocol
