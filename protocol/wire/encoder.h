// The typed writer: walks a message by its `describe` and writes the fields that the version has. Runs twice, first into a
// counter, so that the body needs exactly one allocation however many fields it has. Borrowed slices are not copied.
#pragma once

#include <concepts>
#include <cstring>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "protocol/check.h"
#include "protocol/error_code.h"
#include "protocol/types.h"
#include "protocol/wire/slice.h"
#include "protocol/wire/spec.h"

namespace acklab::protocol {

template <class M>
concept Described = requires(const M& message) { M::describe(message, [](auto&&...) {}); };

constexpr std::size_t varint_size(std::uint32_t value) {
  std::size_t size = 1;
  while (value >= 0x80) {
    value >>= 7;
    ++size;
  }
  return size;
}

// First pass: how many bytes are ours, not borrowed.
class CountingSink {
 public:
  void integer(std::integral auto value) { owned_ += sizeof value; }
  void varint(std::uint32_t value) { owned_ += varint_size(value); }
  void copy(const void*, std::size_t size) { owned_ += size; }
  void borrow(const Slice& slice) { borrowed_ += slice.size(); }

  std::size_t owned() const { return owned_; }
  std::size_t total() const { return owned_ + borrowed_; }

 private:
  std::size_t owned_ = 0;
  std::size_t borrowed_ = 0;
};

// Second pass: one buffer for all that is ours; a borrowed slice splits it.
class WritingSink {
 public:
  explicit WritingSink(std::size_t owned) : buffer_(owned) {}

  void integer(std::integral auto value) {
    using Unsigned = std::make_unsigned_t<decltype(value)>;
    auto bits = static_cast<Unsigned>(value);
    std::byte* out = buffer_.span().data() + used_;
    for (std::size_t i = sizeof value; i-- > 0;) {
      out[i] = static_cast<std::byte>(bits & 0xff);
      if constexpr (sizeof value > 1) bits = static_cast<Unsigned>(bits >> 8);
    }
    used_ += sizeof value;
  }
  void varint(std::uint32_t value) {
    while (value >= 0x80) {
      buffer_.span()[used_++] = static_cast<std::byte>((value & 0x7f) | 0x80);
      value >>= 7;
    }
    buffer_.span()[used_++] = static_cast<std::byte>(value);
  }
  void copy(const void* data, std::size_t size) {
    if (size == 0) return;
    std::memcpy(buffer_.span().data() + used_, data, size);
    used_ += size;
  }
  void borrow(const Slice& slice) { splits_.push_back({used_, slice}); }

  Bytes finish() && {
    const Slice owned = std::move(buffer_).freeze(used_);
    Bytes bytes;
    std::size_t position = 0;
    for (auto& [at, slice] : splits_) {
      bytes.append(owned.part(position, at - position));
      bytes.append(std::move(slice));
      position = at;
    }
    bytes.append(owned.from(position));
    return bytes;
  }

 private:
  struct Split {
    std::size_t at;
    Slice slice;
  };
  MutableBuffer buffer_;
  std::size_t used_ = 0;
  std::vector<Split> splits_;
};

// Counts the tagged fields of one struct that have a value.
struct TaggedFieldCounter {
  std::int16_t version;
  std::uint32_t count = 0;

  void operator()(const auto& member, std::string_view /*name*/, Spec spec) {
    if constexpr (requires { member.has_value(); }) {
      if (spec.present(version) && spec.tagged() && member.has_value()) ++count;
    }
  }
};

template <class Sink>
class Encoder {
 public:
  Encoder(Sink& out, std::int16_t version, bool flexible) : out_(out), version_(version), flexible_(flexible) {}

  template <Described M>
  void message(const M& message) {
    M::describe(message, *this);
    if (flexible_) tagged_section(message);
  }

  void operator()(const auto& member, std::string_view /*name*/, Spec spec) {
    if (spec.present(version_) && !spec.tagged()) field(member, spec);
  }

 private:
  void field(const auto& value, Spec /*spec*/) { put(value); }
  template <class T>
  void field(const std::optional<T>& value, Spec spec) {
    CHECK(value.has_value() || spec.may_be_null(version_));
    if constexpr (Described<T>) {
      // A nullable struct has a marker byte instead of a length.
      if (spec.may_be_null(version_)) out_.integer(static_cast<std::int8_t>(value ? 1 : -1));
      if (value) put(*value);
    } else if (value) {
      put(*value);
    } else {
      null<T>();
    }
  }

  void put(bool value) { out_.integer(static_cast<std::int8_t>(value ? 1 : 0)); }
  void put(std::integral auto value) { out_.integer(value); }
  void put(ErrorCode code) { out_.integer(static_cast<std::int16_t>(code)); }
  void put(const Uuid& uuid) { out_.copy(uuid.bytes.data(), uuid.bytes.size()); }
  void put(const std::string& text) {
    length<std::int16_t>(text.size());
    out_.copy(text.data(), text.size());
  }
  void put(const Slice& bytes) {
    length<std::int32_t>(bytes.size());
    out_.borrow(bytes);
  }
  template <class T>
  void put(const std::vector<T>& items) {
    length<std::int32_t>(items.size());
    for (const T& item : items) put(item);
  }
  template <Described M>
  void put(const M& nested) {
    message(nested);
  }

  // Compact lengths are stored plus one, so that null (-1) becomes zero.
  template <class Fixed>
  void length(std::size_t size) {
    if (flexible_) {
      CHECK(size < 0xffffffffU);
      out_.varint(static_cast<std::uint32_t>(size + 1));
    } else {
      CHECK(size <= static_cast<std::size_t>(std::numeric_limits<Fixed>::max()));
      out_.integer(static_cast<Fixed>(size));
    }
  }
  template <class T>
  void null() {
    using Fixed = std::conditional_t<std::same_as<T, std::string>, std::int16_t, std::int32_t>;
    flexible_ ? out_.varint(0) : out_.integer(Fixed{-1});
  }

  // KIP-482: how many, then for each in ascending order its tag, its size and its bytes. `describe` lists tags in order.
  template <Described M>
  void tagged_section(const M& message) {
    TaggedFieldCounter counter{version_};
    M::describe(message, counter);
    out_.varint(counter.count);
    if (counter.count == 0) return;
    M::describe(message, [this](const auto& member, std::string_view, Spec spec) {
      if constexpr (requires { member.has_value(); }) {
        if (!spec.present(version_) || !spec.tagged() || !member.has_value()) return;
        CountingSink size;
        Encoder<CountingSink>(size, version_, flexible_).payload(*member);
        out_.varint(static_cast<std::uint32_t>(spec.tag_id));
        out_.varint(static_cast<std::uint32_t>(size.total()));
        put(*member);
      }
    });
  }

  template <class>
  friend class Encoder;
  void payload(const auto& value) { put(value); }

  Sink& out_;
  std::int16_t version_;
  bool flexible_;
};

}  // namespace acklab::protocol
