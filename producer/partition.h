// A topic and its partitions as the producer has them: where records go, and what waits there.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "producer/config.h"
#include "producer/metadata_cache.h"
#include "producer/record_buffer.h"
#include "producer/sticky_partitioner.h"
#include "protocol/records/compression.h"
#include "protocol/runtime/journal.h"
#include "protocol/runtime/runtime.h"
#include "protocol/types.h"

namespace acklab::producer {

struct Partition {
  protocol::TopicPartition name;
  protocol::TopicNumber topic;  // its topic in the journal
  const TopicMetadata& known;   // of its topic
  RecordBuffer buffer;
  CompressionEstimate& estimate;     // the topic's
  protocol::Offset last_acked = {};  // the last offset that was acknowledged
};

// Ends batches: they take no more records, and are compressed; the journal hears of it, and the metrics.
class Sealer {
 public:
  // `runtime` and `metrics` outlive it.
  Sealer(protocol::Runtime& runtime, const ProducerConfig& config, ProducerMetrics& metrics)
      : runtime_(runtime), metrics_(metrics), compressor_(config.compression, config.compression_level().value_or(0)) {}

  void seal(Batch& batch, protocol::Cause cause, const Partition& partition);

 private:
  protocol::Runtime& runtime_;
  ProducerMetrics& metrics_;
  protocol::Compressor compressor_;
};

struct Topic {
  std::string name;
  protocol::TopicNumber number;  // in the journal
  const TopicMetadata* known;    // lives as long as the cache that it is from
  StickyPartitioner sticky;
  CompressionEstimate estimate;
  std::vector<std::unique_ptr<Partition>> partitions;  // null until a record goes there
  std::uint64_t turn = 0;                              // of PartitionerClass::round_robin
  protocol::Time last_used{};                          // a record was sent to it
};

}  // namespace acklab::producer
