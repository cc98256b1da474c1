// The typed reader. It believes nothing: every length and count is compared with the bytes that are left before anything is
// allocated. The first fault stops it; the path of the field is collected on the way out, so a good message pays one branch.
#pragma once

#include <algorithm>
#include <concepts>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "protocol/error_code.h"
#include "protocol/types.h"
#include "protocol/wire/big_endian.h"
#include "protocol/wire/codec.h"
#include "protocol/wire/member_kinds.h"
#include "protocol/wire/slice.h"
#include "protocol/wire/spec.h"

namespace acklab::protocol {

class Decoder {
 public:
  // What the elements of all arrays of one message may take in memory. On the wire an element can be two bytes where its structure is
  // sixty, so that without this a frame of 100 MiB could become gigabytes. Messages whose size comes from records never get near it.
  static constexpr std::size_t max_element_bytes = 64u << 20;

  Decoder(Slice bytes, std::int16_t version, bool flexible) : bytes_(std::move(bytes)), version_(version), flexible_(flexible) {}

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

  // Called by `describe`, once per field.
  void operator()(auto& member, std::string_view name, Spec spec) {
    if (!ok() || !spec.present(version_) || spec.tagged()) return;
    field(member, spec);
    if (!ok()) leave(name);
  }

  bool ok() const { return reason_ == nullptr; }
  bool at_end() const { return position_ == bytes_.size(); }
  // What has not been read yet.
  Slice rest() const { return bytes_.from(position_); }
  void fail(const char* reason) {
    if (ok()) reason_ = reason;
  }
  DecodeError error() const { return {position_, path_, reason_ ? reason_ : ""}; }

 private:
  struct NoFields {
    static constexpr void describe(auto& /*self*/, auto&& /*field*/) {}
  };
  static constexpr std::int64_t null = -1;

  std::size_t left() const { return bytes_.size() - position_; }

  // Prepends the name of the field that was being read.
  void leave(std::string_view name) { path_ = path_.empty() ? std::string(name) : std::string(name) + "." + path_; }

  // --- numbers ---

  template <std::integral T>
  T integer() {
    if (left() < sizeof(T)) {
      fail("ends inside an integer");
      return 0;
    }
    const T value = load_big_endian<T>(bytes_.data() + position_);
    position_ += sizeof(T);
    return value;
  }

  std::uint32_t varint() {
    std::uint32_t value = 0;
    for (int shift = 0; shift < 35; shift += 7) {
      const auto byte = integer<std::uint8_t>();
      if (!ok()) return 0;
      value |= static_cast<std::uint32_t>(byte & 0x7f) << shift;
      if (byte < 0x80) {
        if (shift == 28 && byte > 0x0f) break;
        return value;
      }
    }
    fail("a varint of more than 32 bits");
    return 0;
  }

  // Of something sized: null, or a number that the bytes left can back, since an element takes at least one byte.
  template <class Fixed>
  std::int64_t length() {
    const std::int64_t size = flexible_ ? std::int64_t{varint()} - 1 : std::int64_t{integer<Fixed>()};
    if (size < null) fail("a negative length");
    if (size > static_cast<std::int64_t>(left())) fail("a length beyond the end");
    return size;
  }

  // --- fields: as values, and as optionals that may be null ---

  // What emplace() does. Clang 14 takes a structure inside a message for one that cannot be default constructed (CWG 1397).
  template <class T>
  static T& engage(std::optional<T>& value) {
    return value.emplace(T{});
  }

  void field(auto& value, Spec /*spec*/) { get(value); }
  template <class T>
  void field(std::optional<T>& value, Spec spec) {
    spec.may_be_null(version_) ? get_or_null(value) : get(engage(value));
  }

  template <Sized T>
  void get_or_null(std::optional<T>& value) {
    const std::int64_t size = length<FixedLength<T>>();
    if (size == null) return value.reset();
    if (ok()) fill(engage(value), static_cast<std::size_t>(size));
  }
  template <Described T>
  void get_or_null(std::optional<T>& value) {
    const auto marker = integer<std::int8_t>();
    if (marker == null) return value.reset();
    if (marker != 1) return fail("a structure marker that is neither -1 nor 1");
    get(engage(value));
  }
  void get_or_null(auto& number) { get(engage(number)); }

  // --- values ---

  void get(bool& value) { value = integer<std::int8_t>() != 0; }
  template <std::integral T>
  void get(T& value) {
    value = integer<T>();
  }
  void get(ErrorCode& code) { code = static_cast<ErrorCode>(integer<std::int16_t>()); }
  void get(Uuid& uuid) {
    if (left() < uuid.bytes.size()) return fail("ends inside a uuid");
    std::memcpy(uuid.bytes.data(), bytes_.data() + position_, uuid.bytes.size());
    position_ += uuid.bytes.size();
  }
  template <Described M>
  void get(M& nested) {
    message(nested);
  }
  template <Sized T>
  void get(T& value) {
    const std::int64_t size = length<FixedLength<T>>();
    if (size == null) fail("null where the version forbids it");
    if (ok()) fill(value, static_cast<std::size_t>(size));
  }

  void fill(std::string& text, std::size_t size) {
    if (size > max_string_bytes) return fail("a string of more than 32767 bytes");
    text.assign(bytes_.text().substr(position_, size));
    position_ += size;
  }
  void fill(Slice& bytes, std::size_t size) {
    bytes = bytes_.part(position_, size);
    position_ += size;
  }
  template <class T>
  void fill(std::vector<T>& items, std::size_t count) {
    if (count > element_bytes_left_ / sizeof(T)) return fail("arrays that would take too much memory");
    element_bytes_left_ -= count * sizeof(T);
    items.reserve(count);
    for (std::size_t i = 0; i < count && ok(); ++i) get(items.emplace_back());
  }

  // --- KIP-482 ---

  template <Described M>
  void tagged_section(M& message) {
    const std::uint32_t count = varint();
    std::int64_t previous = -1;
    for (std::uint32_t i = 0; i < count && ok(); ++i) {
      const std::uint32_t tag = varint();
      const std::uint32_t size = varint();
      if (!ok()) break;
      if (tag <= previous) fail("tags out of order");
      if (size > left()) fail("a tagged field beyond the end");
      if (ok()) tagged_field(message, tag, size);
      previous = tag;
    }
    if (!ok() && path_.empty()) leave("tagged fields");
  }

  template <Described M>
  void tagged_field(M& message, std::uint32_t tag, std::size_t size) {
    const std::size_t end = position_ + size;
    M::describe(message, [&](auto& member, std::string_view name, Spec spec) {
      if constexpr (is_optional<std::remove_cvref_t<decltype(member)>>) {
        if (!ok() || spec.tag_id != std::int64_t{tag} || !spec.present(version_)) return;
        field(member, spec);
        if (ok() && position_ != end) fail("a tagged field of another size than declared");
        if (!ok()) leave(name);
      }
    });
    if (ok()) position_ = end;  // what nobody knows is skipped
  }

  Slice bytes_;
  std::size_t position_ = 0;
  std::int16_t version_;
  bool flexible_;
  std::size_t element_bytes_left_ = max_element_bytes;
  const char* reason_ = nullptr;
  std::string path_;
};

}  // namespace acklab::protocol
