// A batch that is too large for the broker, but has more than one record, goes on as several smaller ones. They take its place in the
// queue and, if it had a name, share its sequences, so what was sent behind it needs no other. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "producer/batch.h"
#include "protocol/records/compression.h"

namespace acklab::producer {

// The batches that `big` becomes, in order, each of at most `batch_size` bytes uncompressed or of one record; of at most half
// its size, if `big` is itself such a piece or would fit into one. Its records move into them. `next_number` numbers them.
std::vector<std::unique_ptr<Batch>> split(Batch& big, std::size_t batch_size, protocol::Codec codec,
                                          const std::function<std::uint64_t()>& next_number);

}  // namespace acklab::producer
