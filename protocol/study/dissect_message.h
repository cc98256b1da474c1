// A message's body, taken apart by its table. Independent of the typed codec, so it can show what that one refuses.
#pragma once

#include <cstdint>
#include <vector>

#include "protocol/study/part.h"
#include "protocol/wire/schema.h"

namespace acklab::protocol {

// Of more elements of an array, or tagged fields of a structure, only the first are shown, and how many there are: a frame may hold millions.
inline constexpr std::uint64_t most_elements_shown = 1000;

// `offset` is where the body begins in what the reader sees. Fields of record batches (Produce, Fetch) are taken apart as well.
std::vector<Part> dissect_message(const Schema& schema, std::int16_t version, const Slice& body, std::size_t offset = 0);

}  // namespace acklab::protocol
