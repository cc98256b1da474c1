// What the producer counts about itself, since it began. Plain numbers beside the code; nothing decides by them. snapshot.h gives them
// Kafka's names.
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <string>

#include "producer/histogram.h"
#include "protocol/runtime/journal.h"
#include "protocol/types.h"

namespace acklab::producer {

// Where only mean and extreme are asked for.
class Extent {
 public:
  void record(std::int64_t value) {
    ++count_;
    sum_ += value;
    max_ = std::max(max_, value);
  }
  std::int64_t max() const { return max_; }
  double mean() const { return count_ == 0 ? 0 : static_cast<double>(sum_) / static_cast<double>(count_); }

 private:
  std::int64_t count_ = 0;
  std::int64_t sum_ = 0;
  std::int64_t max_ = 0;
};

struct TopicCounts {
  std::string name;
  std::int64_t records = 0;             // in Produce requests, once for each attempt
  std::int64_t bytes = 0;               // of their batches
  std::int64_t record_errors = 0;       // outcomes failed or unknown
  std::int64_t record_retries = 0;      // that went back for another attempt
  std::int64_t uncompressed_bytes = 0;  // of sealed batches, before compression ...
  std::int64_t compressed_bytes = 0;    // ... and after
};

struct NodeCounts {
  std::int64_t requests = 0;       // Produce requests written
  std::int64_t request_bytes = 0;  // of the batches in them
  std::int64_t responses = 0;      // answers to them
  Extent latency;                  // nanoseconds from a request to its answer
};

// Totals, which only grow: a rate is what they grew by in a time.
struct ProducerCounts {
  std::int64_t records_sent = 0;  // outcomes acked or unanswered
  std::int64_t records_failed = 0;
  std::int64_t records_unknown = 0;
  std::int64_t records_expired = 0;     // failed or unknown because delivery.timeout.ms or max.block.ms passed
  std::int64_t record_retries = 0;      // record-retry-total
  std::int64_t batch_splits = 0;        // batch-split-total: batches that were too large for the broker
  std::int64_t buffer_exhausted = 0;    // buffer-exhausted-total: records that found no room for max.block.ms
  std::int64_t requests = 0;            // Produce requests written
  std::int64_t responses = 0;           // answers to them
  std::int64_t batches = 0;             // batches in the requests
  std::int64_t batched_records = 0;     // records in these
  std::int64_t batch_bytes = 0;         // their bytes, compressed
  std::int64_t uncompressed_bytes = 0;  // of sealed batches, before compression ...
  std::int64_t compressed_bytes = 0;    // ... and after
  std::int64_t flush_time = 0;          // nanoseconds from flush() to its end

  std::map<protocol::TopicNumber, TopicCounts> topics;
  std::map<protocol::BrokerId, NodeCounts> nodes;
};

struct ProducerMetrics : ProducerCounts {
  Extent record_size;         // bytes that a record takes of a batch, at most
  Extent request_size;        // bytes of the batches in a Produce request
  Extent throttle_time;       // nanoseconds for which an answer asked the producer to hold back
  Histogram batch_size;       // bytes of a batch as it is sent
  Histogram batch_records;    // records in a batch
  Histogram send_latency;     // nanoseconds from send() to the outcome
  Histogram queue_time;       // nanoseconds from a batch's first record to its first request ("batch latency")
  Histogram request_latency;  // nanoseconds from a request to its answer ("network latency")
};

}  // namespace acklab::producer
