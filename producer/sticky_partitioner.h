// Where records go that no key sends anywhere (KIP-480, KIP-794): they stick to one partition of the topic until it has got a batch's
// worth of bytes, then move to another drawn at random. Batches are fuller than if each record went elsewhere, and in the long run every
// partition gets the same. Pure.
//
// Drawing by load ("adaptive") makes that untrue where it should be: a partition whose broker is slow has a longer queue and is drawn
// less often, so the others carry more until it has caught up.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "protocol/runtime/random.h"

namespace acklab::producer {

// A partition that may be drawn, and how many batches wait for it.
struct Candidate {
  std::int32_t partition = 0;
  std::size_t queued = 0;
};

// Each draws once; `candidates` is not empty. By load, a candidate's weight is the longest queue + 1 less its own: alike queues, even odds.
std::int32_t draw_evenly(std::span<const Candidate> candidates, protocol::Random& random);
std::int32_t draw_by_load(std::span<const Candidate> candidates, protocol::Random& random);

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
  // Whether the next record is to go elsewhere, given the current partition's newest batch and how many partitions there are.
  bool moves_on(Newest newest, std::int32_t partitions) const;
  void move_to(std::int32_t partition);
  void appended(std::size_t bytes) { bytes_ += bytes; }

 private:
  std::size_t batch_size_;
  std::int32_t current_ = -1;
  std::size_t bytes_ = 0;  // to the current partition since it became that
};

}  // namespace acklab::producer
