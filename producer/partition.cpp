#include "producer/partition.h"

namespace acklab::producer {

void Sealer::seal(Batch& batch, protocol::Cause cause, const Partition& partition) {
  batch.seal(compressor_);
  runtime_.note({.event = protocol::Event::sealed,
                 .cause = cause,
                 .topic = partition.topic,
                 .partition = partition.name.partition,
                 .count = batch.count(),
                 .batch = batch.number});
}

}  // namespace acklab::producer
