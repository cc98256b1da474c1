// What one line of a message declaration says about its field: in which versions it is on the wire, where it may be null, and
// whether it travels in the tagged section (KIP-482). Read `since(5).nullable(7)` as "from version 5, null allowed from 7".
#pragma once

#include <cstdint>
#include <limits>
#include <optional>

namespace acklab::protocol {

// A field that may be null on the wire, and one that is written as a tagged field only when engaged. The `Spec` says which
// of the two an optional is.
template <class T>
using Nullable = std::optional<T>;
template <class T>
using Tagged = std::optional<T>;

struct Spec {
  static constexpr std::int16_t never = std::numeric_limits<std::int16_t>::max();

  std::int16_t first = 0;
  std::int16_t last = never;
  std::int16_t nullable_since = never;
  std::int16_t tag_id = -1;  // -1: in the body

  constexpr Spec until(int version) const {
    Spec spec = *this;
    spec.last = static_cast<std::int16_t>(version);
    return spec;
  }
  constexpr Spec nullable(int version) const {
    Spec spec = *this;
    spec.nullable_since = static_cast<std::int16_t>(version);
    return spec;
  }
  constexpr Spec tag(int id) const {
    Spec spec = *this;
    spec.tag_id = static_cast<std::int16_t>(id);
    return spec;
  }

  constexpr bool present(std::int16_t version) const { return version >= first && version <= last; }
  constexpr bool tagged() const { return tag_id >= 0; }
  constexpr bool may_be_null(std::int16_t version) const { return version >= nullable_since; }
};

constexpr Spec since(int version) {
  Spec spec;
  spec.first = static_cast<std::int16_t>(version);
  return spec;
}

// What a whole message says about itself; each top-level message has one as `static constexpr MessageInfo info`.
struct MessageInfo {
  std::int16_t api_key;
  std::int16_t first_version;
  std::int16_t last_version;
  std::int16_t flexible_since;  // Spec::never: no flexible version

  constexpr bool has(std::int16_t version) const { return version >= first_version && version <= last_version; }
  constexpr bool flexible(std::int16_t version) const { return version >= flexible_since; }
};

}  // namespace acklab::protocol
