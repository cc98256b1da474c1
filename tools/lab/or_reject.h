// From a result to a value, for the lab's C++ API: there a user's mistake is an exception with the line that says what to mend.
#pragma once

#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>

#include "protocol/result.h"

namespace acklab::lab {

template <class T>
T or_reject(protocol::Result<T, std::string> result) {
  if (!result) throw std::invalid_argument(result.error());
  if constexpr (!std::is_void_v<T>) return *std::move(result);
}

}  // namespace acklab::lab
