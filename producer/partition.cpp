#include "producer/partition.h"

namespace acklab::producer {

void Sealer::seal(Batch& batch, protocol::Cause cause, const Partition& partition) {
  metrics_.uncompressed_bytes += static_cast<std::int64_t>(batch.size());
  batch.seal(compressor_);
  metrics_.compressed_bytes += static_cast<std::int64_t>(batch.size());
  runtime_.note({.event = protocol::Event::sealed,
                 .cause = cause,
                 .topic = partition.topic,
                 .partition = partition.name.partition,
                 .count = batch.count(),
                 .batch = batch.number});
}

}  // namespace acklab::producer
