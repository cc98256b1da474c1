// The face of the codec: what every file that sends or receives a message includes. The templates behind it (encoder.h,
// decoder.h, schema.h) are compiled once per message, in messages/<api>.cpp.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "protocol/result.h"
#include "protocol/wire/slice.h"
#include "protocol/wire/spec.h"

namespace acklab::protocol {

// Where and why received bytes are not the message that they claim to be.
struct DecodeError {
  std::size_t offset = 0;  // bytes from the start of the body
  std::string field;       // path of the field that could not be read: "TopicData.PartitionData.Records"
  std::string reason;

  std::string message() const;
};

// The body of a message, without its header. A value that the version cannot express is our bug and fails a CHECK.
template <class M>
Bytes encode(const M& message, std::int16_t version);

// The same as a frame, with its size and a header (header.h) in front, in one buffer.
template <class M>
Bytes encode_frame(const M& message, std::int16_t version, std::string_view header);

// The body must be whole and nothing may follow it. Slices in the result share the buffer of `body`.
template <class M>
Result<M, DecodeError> decode(const Slice& body, std::int16_t version);

}  // namespace acklab::protocol
