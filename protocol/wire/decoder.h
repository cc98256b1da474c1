// The typed reader. It believes nothing: every length and count is compared with the bytes that are left before anything is
// allocated. The first fault stops it; the path of the field is collected on the way out, so a good message pays one branch.
#pragma once

#include <concepts>
#include <cstring>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "protocol/types.h"
#include "protocol/wire/codec.h"
#include "protocol/wire/encoder.h"
#include "protocol/wire/slice.h"
#include "protocol/wire/spec.h"

namespace acklab::protocol {

class Decoder {
 public:
  Decoder(Slice bytes, std::int16_t version, bool flexible)
      : bytes_(std::move(bytes)), version_(version), flexible_(flexible) {}

  template <Described M>
  void message(M& message) {
    M::describe(message, *this);
    if (flexible_ && ok()) tagged_section(message);
  }

  // A tagged section in which no tag is known: how a header ends.
  void unknown_tagged_fields() {
    NoFields nothing;
    if (ok()) tagged_section(nothing);
  }

  void operator()(auto& member, std::string_view name, Spec spec) {
    if (!ok() || !spec.present(version_) || spec.tagged()) return;
    field(member, spec);
    if (!ok()) leave(name);
  }

  bool ok() const { return reason_ == nullptr; }
  bool at_end() const { return position_ == bytes_.size(); }
  void fail(const char* reason) {
    if (ok()) reason_ = reason;
  }
  // What has not been read yet.
  Slice rest() const { return bytes_.from(position_); }
  DecodeError error() const { return {position_, path_, reason_ ? reason_ : ""}; }

 private:
  struct NoFields {
    static constexpr void describe(auto& /*self*/, auto&& /*field*/) {}
  };

  std::size_t left() const { return bytes_.size() - position_; }

  // Prepends the name of the field that was being read.
  void leave(std::string_view name) { path_ = path_.empty() ? std::string(name) : std::string(name) + "." + path_; }

  template <std::integral T>
  T integer() {
    if (left() < sizeof(T)) {
      fail("ends inside an integer");
      return T{};
    }
    std::make_unsigned_t<T> bits = 0;
    for (std::size_t i = 0; i < sizeof(T); ++i) {
      const auto byte = std::to_integer<std::uint8_t>(bytes_.view()[position_ + i]);
      if constexpr (sizeof(T) > 1) {
        bits = static_cast<std::make_unsigned_t<T>>((bits << 8) | byte);
      } else {
        bits = byte;
      }
    }
    position_ += sizeof(T);
    return static_cast<T>(bits);
  }

  std::uint32_t varint() {
    std::uint32_t value = 0;
    for (int shift = 0; shift < 35; shift += 7) {
      const auto byte = static_cast<std::uint8_t>(integer<std::int8_t>());
      if (!ok()) return 0;
      if (shift == 28 && byte > 0x0f) {
        fail("a varint of more than 32 bits");
        return 0;
      }
      value |= static_cast<std::uint32_t>(byte & 0x7f) << shift;
      if ((byte & 0x80) == 0) return value;
    }
    fail("a varint of more than five bytes");
    return 0;
  }

  // -1 for null. `Fixed` is the integer that non-flexible versions use.
  template <class Fixed>
  std::int64_t length() {
    const std::int64_t size =
        flexible_ ? static_cast<std::int64_t>(varint()) - 1 : static_cast<std::int64_t>(integer<Fixed>());
    if (!ok()) return 0;
    if (size < -1) fail("a negative length");
    // Every element takes at least one byte, so this bounds counts as well as lengths.
    if (size > static_cast<std::int64_t>(left())) fail("a length beyond the end");
    return ok() ? size : 0;
  }

  void field(auto& value, Spec /*spec*/) { get(value); }
  template <class T>
  void field(std::optional<T>& value, Spec spec) {
    null_allowed_ = spec.may_be_null(version_);
    if constexpr (Described<T>) {
      if (std::exchange(null_allowed_, false)) {
        const auto marker = integer<std::int8_t>();
        if (marker == -1) return value.reset();
        if (marker != 1) return fail("a struct marker that is neither -1 nor 1");
      }
      get(value.emplace());
    } else {
      was_null_ = false;
      get(value.emplace());
      null_allowed_ = false;
      if (std::exchange(was_null_, false)) value.reset();
    }
  }

  void get(bool& value) { value = integer<std::int8_t>() != 0; }
  void get(std::integral auto& value) { value = integer<std::remove_reference_t<decltype(value)>>(); }
  void get(ErrorCode& code) { code = static_cast<ErrorCode>(integer<std::int16_t>()); }
  void get(Uuid& uuid) {
    if (left() < uuid.bytes.size()) return fail("ends inside a uuid");
    std::memcpy(uuid.bytes.data(), bytes_.data() + position_, uuid.bytes.size());
    position_ += uuid.bytes.size();
  }
  void get(std::string& text) {
    const std::int64_t size = length<std::int16_t>();
    if (null_or_failed(size)) return;
    text.assign(bytes_.text().substr(position_, static_cast<std::size_t>(size)));
    position_ += static_cast<std::size_t>(size);
  }
  void get(Slice& bytes) {
    const std::int64_t size = length<std::int32_t>();
    if (null_or_failed(size)) return;
    bytes = bytes_.part(position_, static_cast<std::size_t>(size));
    position_ += static_cast<std::size_t>(size);
  }
  template <class T>
  void get(std::vector<T>& items) {
    const std::int64_t count = length<std::int32_t>();
    if (null_or_failed(count)) return;
    // Grown as elements arrive: a lying count costs no more memory than the bytes that back it.
    items.clear();
    for (std::int64_t i = 0; i < count && ok(); ++i) get(items.emplace_back());
  }
  template <Described M>
  void get(M& nested) {
    message(nested);
  }

  // Resolves a length of -1 against what the field allows.
  bool null_or_failed(std::int64_t size) {
    const bool allowed = std::exchange(null_allowed_, false);
    if (!ok()) return true;
    if (size >= 0) return false;
    if (allowed) {
      was_null_ = true;
    } else {
      fail("null where the version forbids it");
    }
    return true;
  }

  template <Described M>
  void tagged_section(M& message) {
    const std::uint32_t count = varint();
    std::int64_t previous = -1;
    for (std::uint32_t i = 0; i < count && ok(); ++i) {
      const std::uint32_t tag = varint();
      const std::uint32_t size = varint();
      if (!ok()) break;
      if (static_cast<std::int64_t>(tag) <= previous) return fail("tags out of order");
      if (size > left()) return fail("a tagged field beyond the end");
      previous = tag;
      const std::size_t end = position_ + size;
      M::describe(message, [&](auto& member, std::string_view name, Spec spec) {
        if constexpr (requires { member.emplace(); }) {
          if (!ok() || spec.tag_id != static_cast<std::int64_t>(tag) || !spec.present(version_)) return;
          get(member.emplace());
          if (ok() && position_ != end) fail("a tagged field of another size than declared");
          if (!ok()) leave(name);
        }
      });
      if (ok()) position_ = end;  // what we do not know is skipped
    }
    if (!ok() && path_.empty()) leave("tagged fields");
  }

  Slice bytes_;
  std::size_t position_ = 0;
  std::int16_t version_;
  bool flexible_;
  bool null_allowed_ = false;
  bool was_null_ = false;
  const char* reason_ = nullptr;
  std::string path_;
};

}  // namespace acklab::protocol
