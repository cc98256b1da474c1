#include "producer/partition.h"

namespace acklab::producer {

void seal(Batch& batch, protocol::Cause cause, const Partition& partition, protocol::Runtime& runtime) {
  batch.seal();
  runtime.note({.event = protocol::Event::sealed,
                .cause = cause,
                .topic = partition.topic,
                .partition = partition.name.partition,
                .count = batch.count(),
                .batch = batch.number});
}

}  // namespace acklab::producer
