// Where records without a key go (KIP-480, KIP-794): they stick to one partition of the topic until it has got a batch's worth of
// bytes, then move to another drawn at random. Batches are fuller than if each record went elsewhere, and in the long run every
// partition gets the same. Pure. Kafka can also prefer partitions with short queues ("adaptive"); this one does not.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "producer/metadata_cache.h"
#include "protocol/runtime/random.h"

namespace acklab::producer {

// The state of the sticky partition's newest batch.
enum class Newest {
  none_or_full,  // moving on now leaves nothing behind
  half_full,     // moving on now leaves a batch that waits for linger.ms
};

class StickyPartitioner {
 public:
  explicit StickyPartitioner(std::size_t batch_size) : batch_size_(batch_size) {}

  // The partition that records stick to; -1 before the first.
  std::int32_t current() const { return current_; }
  // The partition for the next record, given the current one's newest batch. Only partitions with a leader, if there is any; `leaders`
  // is not empty.
  std::int32_t next(Newest newest, const std::vector<Leader>& leaders, protocol::Random& random);
  void appended(std::size_t bytes) { bytes_ += bytes; }

 private:
  std::size_t batch_size_;
  std::int32_t current_ = -1;
  std::size_t bytes_ = 0;  // to the current partition since it became that
};

}  // namespace acklab::producer
