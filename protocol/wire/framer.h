// Bytes in, whole frames out: int32 size, then that many bytes. The limit on a frame's size lives here and is checked before anything
// is allocated. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <string>

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

  // Bytes that were fed and have not left in a frame.
  std::size_t buffered() const;

 private:
  // A frame that arrives in pieces is put together here. The buffer starts with at most `first_capacity` and then doubles: a frame
  // of the usual size is copied once, and a peer that only announces a huge one costs little.
  class Assembly {
   public:
    static constexpr std::size_t first_capacity = 1u << 20;

    std::size_t filled() const { return filled_; }
    void append(std::span<const std::byte> bytes, std::size_t frame_bytes);
    Slice take();

   private:
    MutableBuffer buffer_;
    std::size_t filled_ = 0;
  };

  std::optional<std::int32_t> read_size();
  std::span<const std::byte> front(std::size_t at_most) const;
  void drop_front(std::size_t bytes);

  std::size_t max_frame_bytes_;
  std::deque<Slice> pending_;
  std::size_t pending_bytes_ = 0;
  std::optional<std::int32_t> frame_bytes_;  // what the frame being read announced
  Assembly assembly_;
};

}  // namespace acklab::protocol
