// The formats of an API's two messages, as acklab dissect shows them if there are no bytes.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "protocol/messages/registry.h"
#include "tools/commands/command.h"

namespace acklab {

// By its name, in any case of letters, or by its key; throws BadInput with the nearest name there is.
const protocol::Api& api_named(const std::string& name);

// What was asked for, or else the newest; throws BadInput if the message has no such version.
std::int16_t version_of(const protocol::Schema& schema, std::optional<int> wanted);

void print_formats(const protocol::Api& api, std::optional<int> version, JsonOutput& json);

// `versions` as a user writes them: "8,9".
void print_changes(const protocol::Api& api, const std::string& versions, JsonOutput& json);

}  // namespace acklab
