// Messages of a message set, taken apart (the drawing is in records/message_set.h). A wrapper is opened, and what is in it stands inside
// it.
#pragma once

#include <cstddef>

#include "protocol/study/byte_cursor.h"
#include "protocol/study/dissect_budget.h"
#include "protocol/study/part.h"

namespace acklab::protocol {

// Whether bytes, as far as they tell, begin with a message and not with a batch of magic 2.
bool begins_with_message(const Slice& bytes);

// The message that the cursor is at, cut short or not; takes it.
Part dissect_message_of_set(ByteCursor& cursor, std::size_t index, DissectBudget& budget);

}  // namespace acklab::protocol
