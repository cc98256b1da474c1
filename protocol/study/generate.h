// Random bytes that are a valid body of a message in one version, made from its table alone. They know nothing of the typed codec, so
// whoever decodes and encodes them again tests two opinions about the format against each other.
#pragma once

#include <cstdint>

#include "protocol/runtime/random.h"
#include "protocol/wire/schema.h"
#include "protocol/wire/slice.h"

namespace acklab::protocol {

// Canonical bytes are those that we would write ourselves. Tolerated are also tagged fields that the table does not have, as a newer
// peer sends them, and null for a tagged field: both decode, and are forgotten.
enum class Spelling { canonical, tolerated };

Slice generate(const Schema& schema, std::int16_t version, Random& random, Spelling spelling = Spelling::canonical);

}  // namespace acklab::protocol
