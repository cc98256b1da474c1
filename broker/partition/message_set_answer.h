// The answer to a Fetch of version 0 to 3. Clients of that age read message sets and nothing else, so the batches that were read for
// them are converted, each time anew. Kafka did the same until 4.0, which left these versions behind (KIP-896).
#pragma once

#include <cstdint>

namespace acklab::broker {

struct PendingFetch;

// Before it limits are hard, and a message may be cut to keep them; since it the first batch comes as a whole (KIP-74).
inline constexpr std::int16_t first_fetch_with_a_whole_batch = 3;
inline constexpr std::int16_t first_fetch_with_batches = 4;  // of magic 2 (KIP-98)

// Puts message sets in the place of what was read. A partition whose batches cannot be converted is answered with why.
void answer_with_message_sets(PendingFetch& fetch);

}  // namespace acklab::broker
