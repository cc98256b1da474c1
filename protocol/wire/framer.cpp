#include "protocol/wire/framer.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace acklab::protocol {

void Framer::feed(Slice bytes) {
  if (bytes.empty()) return;
  pending_bytes_ += bytes.size();
  pending_.push_back(std::move(bytes));
}

Result<std::optional<Slice>, std::string> Framer::next() {
  if (!frame_bytes_) frame_bytes_ = read_size();
  if (!frame_bytes_) return std::nullopt;
  if (*frame_bytes_ < 0) return failure("a frame of negative size " + std::to_string(*frame_bytes_));
  const auto size = static_cast<std::size_t>(*frame_bytes_);
  if (size > max_frame_bytes_) {
    return failure("a frame of " + std::to_string(size) + " bytes, above the limit of " + std::to_string(max_frame_bytes_));
  }

  Slice frame;
  if (assembly_.filled() == 0 && !pending_.empty() && pending_.front().size() >= size) {
    frame = pending_.front().part(0, size);
    drop_front(size);
  } else {
    while (assembly_.filled() < size && !pending_.empty()) {
      const std::span<const std::byte> piece = front(size - assembly_.filled());
      assembly_.append(piece, size);
      drop_front(piece.size());
    }
    if (assembly_.filled() < size) return std::nullopt;
    frame = assembly_.take();
  }
  frame_bytes_.reset();
  return frame;
}

std::size_t Framer::buffered() const { return pending_bytes_ + assembly_.filled() + (frame_bytes_ ? sizeof *frame_bytes_ : 0); }

// The four bytes may lie in as many slices.
std::optional<std::int32_t> Framer::read_size() {
  if (pending_bytes_ < sizeof(std::int32_t)) return std::nullopt;
  std::uint32_t size = 0;
  for (std::size_t i = 0; i < sizeof size; ++i) {
    size = (size << 8) | std::to_integer<std::uint32_t>(pending_.front().view().front());
    drop_front(1);
  }
  return static_cast<std::int32_t>(size);
}

std::span<const std::byte> Framer::front(std::size_t at_most) const {
  const std::span<const std::byte> bytes = pending_.front().view();
  return bytes.first(std::min(bytes.size(), at_most));
}

void Framer::drop_front(std::size_t bytes) {
  pending_bytes_ -= bytes;
  pending_.front().remove_prefix(bytes);
  if (pending_.front().empty()) pending_.pop_front();
}

void Framer::Assembly::append(std::span<const std::byte> bytes, std::size_t frame_bytes) {
  const std::size_t needed = filled_ + bytes.size();
  if (needed > buffer_.span().size()) {
    const std::size_t capacity = std::max({needed, 2 * buffer_.span().size(), first_capacity});
    MutableBuffer larger(std::min(capacity, frame_bytes));
    if (filled_ > 0) std::memcpy(larger.span().data(), buffer_.span().data(), filled_);
    buffer_ = std::move(larger);
  }
  std::memcpy(buffer_.span().data() + filled_, bytes.data(), bytes.size());
  filled_ = needed;
}

Slice Framer::Assembly::take() {
  const std::size_t size = std::exchange(filled_, 0);
  return std::exchange(buffer_, MutableBuffer()).freeze(size);
}

}  // namespace acklab::protocol
