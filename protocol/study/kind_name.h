// What the kinds of fields are called.
#pragma once

#include <string_view>

#include "protocol/wire/schema.h"

namespace acklab::protocol {

std::string_view name(Kind kind);

}  // namespace acklab::protocol
