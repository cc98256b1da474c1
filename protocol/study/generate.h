// Random bytes that are a valid body of a message in one version, made from its table alone. They know nothing of the typed codec, so
// whoever decodes and encodes them again tests two opinions about the format against each other.
#pragma once

#include <cstdint>

#include "protocol/runtime/random.h"
#include "protocol/wire/schema.h"
#include "protocol/wire/slice.h"

namespace acklab::protocol {

// With unknown tags the tagged sections also hold fields that the table does not have, as a newer peer would send them: they decode,
// but the typed codec forgets them.
enum class UnknownTags { none, some };

Slice generate(const Schema& schema, std::int16_t version, Random& random, UnknownTags unknown_tags = UnknownTags::none);

}  // namespace acklab::protocol
