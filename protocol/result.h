// A value or the reason why there is none. `tl::expected` stands in for `std::expected`, which GCC 12 lacks in C++20; use only
// the operations that both share (value, error, has_value, operator bool, operator*), so that this alias may change one day.
#pragma once

#include <tl/expected.hpp>
#include <type_traits>
#include <utility>

#include "protocol/check.h"
#include "protocol/error_code.h"

namespace acklab::protocol {

// With the default E this is a Kafka error: something that the client is told by code.
template <class T, class E = ErrorCode>
using Result = tl::expected<T, E>;

template <class E>
constexpr auto failure(E&& error) {
  return tl::unexpected<std::decay_t<E>>(std::forward<E>(error));
}

}  // namespace acklab::protocol
