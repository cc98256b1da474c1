#include "producer/partition.h"

namespace acklab::producer {

void Sealer::seal(Batch& batch, protocol::Cause cause, const Partition& partition) {
  const std::size_t uncompressed = batch.size();
  batch.seal(compressor_);
  metrics_.uncompressed_bytes += static_cast<std::int64_t>(uncompressed);
  metrics_.compressed_bytes += static_cast<std::int64_t>(batch.size());
  partition.estimate.observe(uncompressed - protocol::batch_header_size, batch.size() - protocol::batch_header_size);
  runtime_.note({.event = protocol::Event::sealed,
                 .cause = cause,
                 .topic = partition.topic,
                 .partition = partition.name.partition,
                 .count = batch.count(),
                 .batch = batch.number});
}

}  // namespace acklab::producer
