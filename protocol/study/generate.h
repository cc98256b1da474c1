// Random bytes that are a valid body of a message in one version, made from its table alone. They know nothing of the typed codec, so
// whoever decodes and encodes them again tests two opinions about the format against each other.
#pragma once

#include <cstdint>
#include <functional>

#include "protocol/runtime/random.h"
#include "protocol/wire/schema.h"
#include "protocol/wire/slice.h"

namespace acklab::protocol {

// Canonical bytes are those that we would write ourselves. Tolerated are also tagged fields that the table does not have, as a newer
// peer sends them, and null for a tagged field: both decode, and are forgotten.
enum class Spelling { canonical, tolerated };

// What is written in place of a length: asked for each in turn, of strings, bytes, arrays and the tagged section. To lie about one of
// them makes bytes as no peer should send them.
using Lengths = std::function<std::int64_t(std::int64_t right)>;

Slice generate(const Schema& schema, std::int16_t version, Random& random, Spelling spelling = Spelling::canonical,
               const Lengths& lengths = {});

}  // namespace acklab::protocol
