// The batches of one partition, from the first record to the outcome. Pure: the shell says what time it is, sends what is taken, and
// reports what came of it.
//
//   append --> [ newest, open | ... | oldest ] --take--> in flight --release--> its outcome
//                                    ^                      |
//                                    +------- put_back -----+
//
// The queue is sent from its oldest end, and nothing passes a batch that waits there for its next attempt. That alone keeps the
// order only while one batch is in flight; with more, a batch that goes back has been passed already (hazard P2). An idempotent
// producer may have several in flight all the same: the broker refuses a batch whose predecessor it misses, and those that go back
// line up again by their sequence.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <vector>

#include "producer/batch.h"
#include "producer/compression_estimate.h"
#include "producer/config.h"
#include "producer/idempotence.h"
#include "producer/view.h"
#include "protocol/runtime/journal.h"

namespace acklab::producer {

// Why a batch may be sent before it is full or linger.ms has passed.
struct Urgency {
  std::uint64_t flush_before = 0;  // records with a lower number were flushed
  bool memory_exhausted = false;   // records wait for room in buffer.memory
};

class RecordBuffer {
 public:
  // Both outlive the buffer. `estimate` is of the partition's topic.
  RecordBuffer(const ProducerConfig& config, const CompressionEstimate& estimate);

  // Filling. open() comes before the first append, and whenever the newest batch has no room for a record of that many bytes.
  bool has_room_for(std::size_t record_bytes) const;
  bool half_full() const;  // the newest batch is open, and waits for more
  Batch* newest_open();    // null if there is none
  Batch& open(std::uint64_t number, protocol::Time now, std::size_t memory);
  Batch& append(const protocol::NewRecord& record, PendingRecord pending);  // the batch that it went into

  // The time from which the oldest queued batch may be sent to this leader; `never` if there is none, or while only an answer, an
  // outcome or a new identity can change that.
  protocol::Time sendable_at(const Urgency& urgency, const Leader& leader) const;
  // Why the oldest queued batch may be sent although it is open.
  protocol::Cause ready_because(const Urgency& urgency) const;
  bool has_queued() const { return !queue_.empty(); }
  std::size_t queued_count() const { return queue_.size(); }  // batches
  Batch& oldest() { return *queue_.front(); }
  // The oldest queued batch, which is sealed, goes in flight; if need be it gets its name.
  Batch& take(const Leader& leader);

  // In flight. A batch that expired meanwhile is not there any more.
  Batch* in_flight(std::uint64_t number);
  std::size_t in_flight_count() const { return in_flight_.size(); }
  bool is_oldest_unsettled(const Batch& batch) const { return sequences_.is_oldest(batch.number); }
  void put_back(Batch& batch, protocol::Time not_before);
  // As put_back, but the batch, which is certainly not in the log, loses its name. (Those who renumber what is in doubt take the risk.)
  void put_back_unnamed(Batch& batch, protocol::Time not_before);
  // In its place goes what it was split into; that is no retry.
  void put_back_pieces(const Batch& batch, std::vector<std::unique_ptr<Batch>> pieces);
  std::unique_ptr<Batch> release_acknowledged(Batch& batch);
  std::unique_ptr<Batch> release_given_up(Batch& batch);

  // Takes out what has passed its delivery.timeout.ms, queued or in flight; what is in flight may be appended yet.
  std::vector<std::unique_ptr<Batch>> expire(protocol::Time now);
  protocol::Time expires_at() const;  // `never` if empty
  // Takes out all that is queued, for a producer that cannot go on.
  std::vector<std::unique_ptr<Batch>> abandon_queue();

  // Idempotence: batches wait for an identity, or for another one after a gap.
  bool wants_identity() const;
  const ProducerIdentity& identity() const { return sequences_.identity(); }
  void start(ProducerIdentity identity);
  // A new epoch begins when all that is in flight has come back.
  void end_epoch();

  // For those who watch.
  std::vector<BatchView> view(const Urgency& urgency, const Leader& leader, protocol::Time now) const;

 private:
  using Owned = std::unique_ptr<Batch>;

  bool has_all_records(const Batch& batch) const;
  std::size_t likely_size(const Batch& batch) const;
  bool is_enough(const Batch& batch) const;
  Owned remove_in_flight(const Batch& batch);
  void enqueue_again(Owned batch, protocol::Time not_before);
  void insert(Owned batch);
  void left_a_gap(Batch& batch);
  void give_up_names();

  const ProducerConfig& config_;
  const CompressionEstimate& estimate_;
  std::deque<Owned> queue_;       // oldest first; only the newest is open
  std::vector<Owned> in_flight_;  // in the order of sending
  PartitionSequences sequences_;  // unused without idempotence
  std::size_t last_size_ = 0;     // of the batch that was taken last, uncompressed
  std::size_t last_count_ = 0;    // its records
};

}  // namespace acklab::producer
