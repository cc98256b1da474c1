// What a message may be made of, as far as encoder, decoder and table have to tell it apart.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

#include "protocol/wire/slice.h"

namespace acklab::protocol {

// A structure: it lists its members.
template <class M>
concept Described = requires(const M& message) {
  M::describe(message, [](auto&&...) {});
};

template <class T>
inline constexpr bool is_vector = false;
template <class T>
inline constexpr bool is_vector<std::vector<T>> = true;

template <class T>
inline constexpr bool is_optional = false;
template <class T>
inline constexpr bool is_optional<std::optional<T>> = true;

// What has a length in front: this is where null is possible, as length -1.
template <class T>
concept Sized = std::same_as<T, std::string> || std::same_as<T, Slice> || is_vector<T>;

// The integer that holds the length in versions that are not flexible.
template <Sized T>
using FixedLength = std::conditional_t<std::same_as<T, std::string>, std::int16_t, std::int32_t>;

// Holds in flexible versions too, whose format could express more: Kafka refuses longer strings, and a broker that let one in could
// not pass it on in an older version.
inline constexpr std::size_t max_string_bytes = std::numeric_limits<std::int16_t>::max();

}  // namespace acklab::protocol
