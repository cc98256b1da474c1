// Bytes as tests write them.
#pragma once

#include <string>
#include <string_view>

#include "protocol/wire/slice.h"

namespace acklab::protocol {

// "00ff 10" to three bytes; spaces are for the reader. Anything else that is no hex digit fails the test.
Slice from_hex(std::string_view hex);
std::string to_hex(const Slice& bytes);

}  // namespace acklab::protocol
