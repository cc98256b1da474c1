// The messages of a replicated batch without any work on them: what the sockets and the wake-ups of this machine cost at least.
//
//   producer ---- batch ---> leader ---- batch ---> follower, twice
//            <--- answer ---        <--- fetch ----
//
// As in Kafka a leader has one request of a connection in hand at a time, and answers it once both followers have asked for what comes
// after it. Each of the four is a thread with blocking sockets.
#pragma once

#include <cstddef>

namespace acklab::lab {

// Batches a second, while the producer has up to `in_flight` of them unanswered.
double null_cluster_batches_a_second(std::size_t batch_bytes, int in_flight, int batches);

}  // namespace acklab::lab
