// Bytes as people read them.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "protocol/wire/slice.h"

namespace acklab::protocol {

inline constexpr std::size_t longest_quote = 60;  // bytes; of more the beginning is shown, and how many there are

// Text in quotation marks where it is text, with escapes where a byte is not; else hex.
std::string quoted(const Slice& bytes);
// "0a1b", all of it, with something between the bytes or nothing.
std::string hex_of(const Slice& bytes, std::string_view between = {});

}  // namespace acklab::protocol
