// What acklab dissect is given to take apart: bytes as they are, or as hex digits in any dress.
#pragma once

#include <string>

#include "protocol/wire/slice.h"

namespace acklab {

// What names no file, or "-", means standard input.
bool is_standard_input(const std::string& file);

// Throws BadInput.
protocol::Slice read_bytes(const std::string& file);

// Whether bytes or hex digits wait on standard input, which is not read. Other text does not count: a script's loop may read its lines there.
bool standard_input_has_bytes();

}  // namespace acklab
