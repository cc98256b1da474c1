// Frames as they travel: a size, a header, a body. A response does not say what it answers; whoever saw the request does.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "protocol/study/part.h"

namespace acklab::protocol {

// What a frame may announce: a response has a correlation id at least, and larger than Kafka's socket.request.max.bytes by default is none.
inline constexpr std::int32_t least_frame_bytes = 4;
inline constexpr std::int32_t most_frame_bytes = 104'857'600;

// What a request said of itself, and what its response needs to be read.
struct FrameKind {
  std::int16_t api_key = 0;
  std::int16_t version = 0;
  std::int32_t correlation = 0;
};

struct DissectedRequest {
  std::vector<Part> parts;
  std::optional<FrameKind> kind;  // nothing if not even the header could be read
};

// The frame that bytes begin with, if behind it stands what can be another one; else all of them.
Slice first_frame(const Slice& bytes);

// `frame` begins with its size. What the tables do not know, an API or a version of it, ends in a fault.
DissectedRequest dissect_request(const Slice& frame, std::size_t offset = 0);
std::vector<Part> dissect_response(const Slice& frame, const FrameKind& request, std::size_t offset = 0);
// Whose request nobody saw: no more than its correlation id can be read.
std::vector<Part> dissect_unpaired_response(const Slice& frame, std::size_t offset = 0);

}  // namespace acklab::protocol
