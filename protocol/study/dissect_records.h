// Record batches, taken apart: header, checksum, attributes, and each record; what is compressed is opened. Where a message of magic 0 or
// 1 stands in their place it is taken apart as such (dissect_message_set.h).
#pragma once

#include <functional>
#include <vector>

#include "protocol/study/dissect_budget.h"
#include "protocol/study/part.h"

namespace acklab::protocol {

// Of more than these only the first are shown, and how many there are.
inline constexpr std::size_t most_batches_shown = 10'000;  // of a field
inline constexpr std::int32_t most_records_shown = 1000;   // of a batch
inline constexpr std::int64_t most_headers_shown = 100;    // of a record

// One or more batches, or a message set; the last may be cut short, as in a Fetch answer.
std::vector<Part> dissect_records(const Slice& bytes, std::size_t offset, DissectBudget& budget);
// With a budget of its own.
std::vector<Part> dissect_records(const Slice& bytes);
// All batches of a segment, however many: each is shown before the next is taken apart, and has a budget of its own.
void dissect_each_batch(const Slice& bytes, const std::function<void(Part)>& show);

}  // namespace acklab::protocol
