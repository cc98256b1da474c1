// What the producer counts about itself, since it began. Plain numbers beside the code; nothing decides by them.
#pragma once

#include <algorithm>
#include <cstdint>

#include "producer/histogram.h"

namespace acklab::producer {

// Where only mean and extreme are asked for.
struct Extent {
  std::int64_t count = 0;
  std::int64_t sum = 0;
  std::int64_t max = 0;

  void record(std::int64_t value) {
    ++count;
    sum += value;
    max = std::max(max, value);
  }
  double mean() const { return count == 0 ? 0 : static_cast<double>(sum) / static_cast<double>(count); }
};

struct ProducerMetrics {
  std::int64_t records_sent = 0;  // outcomes acked or unanswered
  std::int64_t records_failed = 0;
  std::int64_t records_unknown = 0;
  std::int64_t records_expired = 0;     // failed or unknown because delivery.timeout.ms or max.block.ms passed
  std::int64_t record_retries = 0;      // record-retry-total
  std::int64_t batch_splits = 0;        // batch-split-total: batches that were too large for the broker
  std::int64_t buffer_exhausted = 0;    // buffer-exhausted-total: records that found no room for max.block.ms
  std::int64_t requests = 0;            // Produce requests written
  std::int64_t batches = 0;             // batches in them
  std::int64_t batch_bytes = 0;         // their bytes, compressed
  std::int64_t uncompressed_bytes = 0;  // of sealed batches, before compression ...
  std::int64_t compressed_bytes = 0;    // ... and after

  Extent record_size;         // bytes that a record takes of a batch, at most
  Histogram batch_size;       // bytes of a batch as it is sent
  Histogram batch_records;    // records in a batch
  Histogram send_latency;     // nanoseconds from send() to the outcome
  Histogram queue_time;       // nanoseconds from a batch's first record to its first request ("batch latency")
  Histogram request_latency;  // nanoseconds from a request to its answer ("network latency")
};

}  // namespace acklab::producer
