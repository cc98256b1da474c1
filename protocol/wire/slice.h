// Bytes that are shared, not copied. A frame is received into one reference-counted buffer; the records inside it travel on as
// a `Slice` of that buffer, through validation, to the log. What is sent is a `Bytes`: small pieces of its own between
// borrowed slices, which the real world turns into one gather write.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace acklab::protocol {

// A view that keeps its buffer alive. Immutable: whoever holds a slice may rely on its bytes for ever.
class Slice {
 public:
  Slice() = default;
  Slice(std::shared_ptr<const std::byte[]> owner, std::span<const std::byte> view) : owner_(std::move(owner)), view_(view) {}

  static Slice copy_of(std::span<const std::byte> bytes);
  static Slice copy_of(std::string_view text);

  std::span<const std::byte> view() const { return view_; }
  const std::byte* data() const { return view_.data(); }
  std::size_t size() const { return view_.size(); }
  bool empty() const { return view_.empty(); }
  std::string_view text() const { return {reinterpret_cast<const char*>(view_.data()), view_.size()}; }

  // The part [from, from + length); must lie inside.
  Slice part(std::size_t from, std::size_t length) const { return {owner_, view_.subspan(from, length)}; }
  Slice from(std::size_t position) const { return {owner_, view_.subspan(position)}; }
  // Narrows the view in place: cheaper than `from` for whoever walks through a slice.
  void remove_prefix(std::size_t length) { view_ = view_.subspan(length); }

  // By content, not by buffer.
  friend bool operator==(const Slice& a, const Slice& b) {
    return a.size() == b.size() && (a.empty() || std::memcmp(a.data(), b.data(), a.size()) == 0);
  }

 private:
  std::shared_ptr<const std::byte[]> owner_;
  std::span<const std::byte> view_;
};

// A sequence of slices that is sent as one run of bytes.
class Bytes {
 public:
  Bytes() = default;
  Bytes(Slice slice) { append(std::move(slice)); }  // NOLINT(google-explicit-constructor): a slice is a Bytes of one piece

  void append(Slice slice) {
    if (slice.empty()) return;
    size_ += slice.size();
    pieces_.push_back(std::move(slice));
  }
  void reserve(std::size_t pieces) { pieces_.reserve(pieces); }
  void append(const Bytes& other) {
    for (const Slice& piece : other.pieces_) append(piece);
  }

  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  std::span<const Slice> pieces() const { return pieces_; }

  // One contiguous slice; copies unless there is just one piece.
  Slice flatten() const;
  // One contiguous slice in a buffer that nobody else holds: what a network does to bytes.
  Slice copy() const;

 private:
  std::vector<Slice> pieces_;
  std::size_t size_ = 0;
};

// A buffer being filled, to be frozen into a slice. Its bytes begin uninitialised.
class MutableBuffer {
 public:
  MutableBuffer() = default;
  explicit MutableBuffer(std::size_t size) : bytes_(std::make_shared_for_overwrite<std::byte[]>(size)), size_(size) {}

  std::span<std::byte> span() { return {bytes_.get(), size_}; }
  Slice freeze() && { return std::move(*this).freeze(size_); }
  Slice freeze(std::size_t used) && {
    const std::span<const std::byte> view{bytes_.get(), used};
    return {std::shared_ptr<const std::byte[]>(std::move(bytes_)), view};
  }

 private:
  std::shared_ptr<std::byte[]> bytes_;
  std::size_t size_ = 0;
};

}  // namespace acklab::protocol
