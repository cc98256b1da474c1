// Frames out of one direction of a captured connection, in which bytes may be missing.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

#include "protocol/study/tcp_connection.h"

namespace acklab::protocol {

struct CutFrame {
  Slice bytes;             // with the size before it; fewer if the capture has no more of it
  std::size_t size = 0;    // all that it should have
  std::size_t packet = 0;  // that brought the last of the bytes
  Duration at{};           // when that was
};

struct CutStream {
  std::vector<CutFrame> frames;
  std::uint64_t bytes = 0;
  std::uint64_t missing = 0;  // in gaps
  std::uint64_t skipped = 0;  // that belong to no frame
};

// Of what is the first byte of a stream: of a frame, or, of a connection that was there before the capture, of anything.
enum class StreamStart { frame, anything };

// `begins` says whether bytes, of which there are at least those of a size, begin as a frame of this direction does. It is asked at packets
// where that is not known: in a stream that begins in the middle, behind a gap, behind what cannot be a frame.
CutStream cut_frames(const TcpStream& stream, StreamStart start, const std::function<bool(const Slice&)>& begins);

}  // namespace acklab::protocol
