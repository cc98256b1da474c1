// How many members an aggregate has, by trying how many initialisers it takes. C++20 has no reflection, and a member that `describe`
// forgets would silently never be sent; with this number a test can see it.
#pragma once

#include <cstddef>
#include <optional>

namespace acklab::protocol {
namespace detail {

struct Anything {
  template <class T>
  operator T() const;  // NOLINT(google-explicit-constructor): never called, only asked about
};

template <class M, class... Initialisers>
constexpr std::size_t count_members() {
  if constexpr (requires { M{Initialisers{}..., Anything{}}; }) {
    return count_members<M, Initialisers..., Anything>();
  } else if constexpr (requires { M{Initialisers{}..., std::optional<Anything>{}}; }) {
    return count_members<M, Initialisers..., std::optional<Anything>>();
  } else {
    return sizeof...(Initialisers);
  }
}

}  // namespace detail

template <class M>
constexpr std::size_t member_count() {
  return detail::count_members<M>();
}

}  // namespace acklab::protocol
