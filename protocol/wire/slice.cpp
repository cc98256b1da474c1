#include "protocol/wire/slice.h"

namespace acklab::protocol {

Slice Slice::copy_of(std::span<const std::byte> bytes) {
  MutableBuffer buffer(bytes.size());
  if (!bytes.empty()) std::memcpy(buffer.span().data(), bytes.data(), bytes.size());
  return std::move(buffer).freeze(bytes.size());
}

Slice Slice::copy_of(std::string_view text) { return copy_of(std::as_bytes(std::span(text.data(), text.size()))); }

Slice Bytes::flatten() const {
  if (pieces_.empty()) return {};
  if (pieces_.size() == 1) return pieces_.front();
  return copy();
}

Slice Bytes::copy() const {
  MutableBuffer buffer(size_);
  std::byte* out = buffer.span().data();
  for (const Slice& piece : pieces_) {
    std::memcpy(out, piece.data(), piece.size());
    out += piece.size();
  }
  return std::move(buffer).freeze(size_);
}

}  // namespace acklab::protocol
