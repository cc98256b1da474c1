// Bytes in, whole frames out: int32 size, then that many bytes. The limit on a frame's size lives here and is checked before anything
// is allocated. Pure.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "protocol/result.h"
#include "protocol/wire/slice.h"

namespace acklab::protocol {

class Framer {
 public:
  explicit Framer(std::size_t max_frame_bytes) : max_frame_bytes_(max_frame_bytes) {}

  // Takes over received bytes. A frame that lies whole inside one slice is handed out without a copy.
  void feed(Slice bytes);

  // The next whole frame without its size; nothing if more bytes are needed. The error (a negative size, or one above the limit) is
  // a line for the log; after it the stream cannot be read any further.
  Result<std::optional<Slice>, std::string> next();

  std::size_t buffered() const;

 private:
  std::size_t max_frame_bytes_;
  std::vector<Slice> pending_;
  std::size_t buffered_ = 0;
};

}  // namespace acklab::protocol
