#include "producer/partition.h"

namespace acklab::producer {

void Sealer::seal(Batch& batch, protocol::Cause cause, const Partition& partition) {
  const std::size_t uncompressed = batch.size();
  batch.seal(compressor_);
  const std::size_t compressed = batch.size();
  metrics_.uncompressed_bytes += static_cast<std::int64_t>(uncompressed);
  metrics_.compressed_bytes += static_cast<std::int64_t>(compressed);
  TopicCounts& topic = metrics_.topics[partition.topic];
  topic.uncompressed_bytes += static_cast<std::int64_t>(uncompressed);
  topic.compressed_bytes += static_cast<std::int64_t>(compressed);
  partition.estimate.observe(uncompressed - protocol::batch_header_size, compressed - protocol::batch_header_size);
  runtime_.note({.event = protocol::Event::sealed,
                 .cause = cause,
                 .topic = partition.topic,
                 .partition = partition.name.partition,
                 .count = batch.count(),
                 .batch = batch.number});
}

}  // namespace acklab::producer
