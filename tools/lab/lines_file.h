// The lines of a text file, for records made of real data.
#pragma once

#include <string>
#include <vector>

#include "protocol/result.h"

namespace acklab::lab {

// Without their line ends; never none. The error is a line for the user.
protocol::Result<std::vector<std::string>, std::string> read_lines_file(const std::string& path);

}  // namespace acklab::lab
