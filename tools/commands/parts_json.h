// Bytes taken apart, as JSON text.
#pragma once

#include <string>
#include <vector>

#include "protocol/study/part.h"

namespace acklab {

std::string parts_json(const std::vector<protocol::Part>& parts);
std::string part_json(const protocol::Part& part);

}  // namespace acklab
