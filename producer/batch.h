// One batch: records of one partition that travel together, and what has become of it so far.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "producer/idempotence.h"
#include "producer/metadata_cache.h"
#include "producer/producer.h"
#include "protocol/records/batch_builder.h"
#include "protocol/runtime/time.h"
#include "protocol/wire/slice.h"

namespace acklab::producer {

// What is kept of a record beside its bytes.
struct PendingRecord {
  Producer::Callback callback;
  protocol::Time sent_at{};  // when the application called send()
  std::uint64_t number = 0;  // counts the calls
};

struct Batch {
  std::uint64_t number = 0;  // the producer's own, ascending: joins the journal's entries about this batch
  protocol::Time created{};  // linger.ms and delivery.timeout.ms count from here
  std::size_t memory = 0;    // what it takes of buffer.memory
  std::vector<PendingRecord> records;

  std::optional<protocol::BatchBuilder> builder;  // until it is written
  protocol::Slice bytes;                          // from then on
  BatchIdentity identity;                         // once it was drained, if the producer is idempotent

  int attempts = 0;             // how often it was written to a connection
  int retries = 0;              // how often it went back
  bool indefinite = false;      // one of the attempts may have appended it
  protocol::Time not_before{};  // of a retry
  Leader leader;                // whom the last attempt went to
  bool is_piece = false;        // of a batch that was too large

  bool open() const { return builder && !builder->closed(); }
  std::size_t size() const { return builder ? builder->size() : bytes.size(); }
  std::int64_t count() const { return static_cast<std::int64_t>(records.size()); }

  // Takes no more records; compresses, once for all attempts.
  void seal(protocol::Compressor& compressor) { builder->close(compressor); }

  // Writes what is sent, under the batch's name if it has one. Before the first attempt, and when it got another name.
  void write() {
    const auto& [producer, base_sequence] = identity;
    bytes = builder ? builder->seal(producer.id, producer.epoch, base_sequence)
                    : with_producer(bytes, producer.id, producer.epoch, base_sequence);
    builder.reset();
  }
};

}  // namespace acklab::producer
