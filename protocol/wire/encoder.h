// The typed writer: walks a message by its `describe` and writes the fields that the version has. Runs twice, into the two sinks.
// A value that the version cannot express is our bug, not the peer's.
#pragma once

#include <concepts>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/check.h"
#include "protocol/error_code.h"
#include "protocol/types.h"
#include "protocol/wire/member_kinds.h"
#include "protocol/wire/sinks.h"
#include "protocol/wire/slice.h"
#include "protocol/wire/spec.h"

namespace acklab::protocol {

template <class Sink>
class Encoder {
 public:
  Encoder(Sink& out, std::int16_t version, bool flexible) : out_(out), version_(version), flexible_(flexible) {}

  template <Described M>
  void message(const M& message) {
    M::describe(message, *this);
    if (flexible_) tagged_section(message);
  }

  // Called by `describe`, once per field.
  void operator()(const auto& member, std::string_view /*name*/, Spec spec) {
    if (spec.present(version_) && !spec.tagged()) field(member, spec);
  }

  // One value, as it stands in an array or in a tagged field.
  void put(bool value) { out_.integer(static_cast<std::int8_t>(value ? 1 : 0)); }
  void put(std::integral auto value) { out_.integer(value); }
  void put(ErrorCode code) { out_.integer(static_cast<std::int16_t>(code)); }
  void put(const Uuid& uuid) { out_.copy(uuid.bytes.data(), uuid.bytes.size()); }
  void put(const std::string& text) {
    length<FixedLength<std::string>>(text.size());
    out_.copy(text.data(), text.size());
  }
  void put(const Slice& bytes) {
    length<FixedLength<Slice>>(bytes.size());
    out_.borrow(bytes);
  }
  template <class T>
  void put(const std::vector<T>& items) {
    length<FixedLength<std::vector<T>>>(items.size());
    for (const T& item : items) put(item);
  }
  template <Described M>
  void put(const M& nested) {
    message(nested);
  }

 private:
  void field(const auto& value, Spec /*spec*/) { put(value); }
  template <class T>
  void field(const std::optional<T>& value, Spec spec) {
    const bool nullable = spec.may_be_null(version_);
    CHECK(value.has_value() || nullable);
    // A structure has no length that could say null, so a nullable one has a marker.
    if constexpr (Described<T>) {
      if (nullable) out_.integer(static_cast<std::int8_t>(value ? 1 : -1));
    }
    if (value) return put(*value);
    if constexpr (Sized<T>) null<FixedLength<T>>();
  }

  // Compact lengths are stored plus one, so that null (-1) becomes zero.
  template <class Fixed>
  void length(std::size_t size) {
    CHECK(size <= static_cast<std::size_t>(std::numeric_limits<Fixed>::max()));
    flexible_ ? out_.varint(static_cast<std::uint32_t>(size) + 1) : out_.integer(static_cast<Fixed>(size));
  }
  template <class Fixed>
  void null() {
    flexible_ ? out_.varint(0) : out_.integer(Fixed{-1});
  }

  // KIP-482: how many, then for each in ascending order its tag, its size and its bytes. `describe` lists tags in order.
  template <Described M>
  void tagged_section(const M& message) {
    std::uint32_t count = 0;
    for_each_tagged(message, [&](const auto& /*value*/, Spec /*spec*/) { ++count; });
    out_.varint(count);
    if (count == 0) return;
    for_each_tagged(message, [this](const auto& value, Spec spec) {
      CountingSink size;
      Encoder<CountingSink>(size, version_, flexible_).put(value);
      out_.varint(static_cast<std::uint32_t>(spec.tag_id));
      out_.varint(static_cast<std::uint32_t>(size.total()));
      put(value);
    });
  }

  template <Described M, class Visit>
  void for_each_tagged(const M& message, Visit visit) {
    M::describe(message, [&](const auto& member, std::string_view, Spec spec) {
      if constexpr (is_optional<std::remove_cvref_t<decltype(member)>>) {
        if (spec.tagged() && spec.present(version_) && member.has_value()) visit(*member, spec);
      }
    });
  }

  Sink& out_;
  std::int16_t version_;
  bool flexible_;
};

}  // namespace acklab::protocol
