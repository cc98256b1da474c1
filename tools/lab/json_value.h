// JSON as the same plain values that TOML is read into, so that what reads a scenario's tables reads a request's body, too. The JSON
// library itself is included in json_value.cpp alone.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "protocol/result.h"
#include "tools/lab/toml_value.h"

namespace acklab::lab {

// How deep lists and objects may stand in each other.
inline constexpr int max_json_depth = 32;

// `name` is what the document is called in messages; a value is named by its path: "fault.when.records". The error is a line for the user.
protocol::Result<TomlValue, std::string> parse_json(std::string_view text, std::string_view name);

}  // namespace acklab::lab
