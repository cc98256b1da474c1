// A topic and its partitions as the producer has them: where records go, and what waits there.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "producer/record_buffer.h"
#include "producer/sticky_partitioner.h"
#include "protocol/runtime/journal.h"
#include "protocol/runtime/runtime.h"
#include "protocol/types.h"

namespace acklab::producer {

struct Partition {
  protocol::TopicPartition name;
  protocol::TopicNumber topic;  // its topic in the journal
  RecordBuffer buffer;
};

// The batch takes no more records; the journal hears of it.
void seal(Batch& batch, protocol::Cause cause, const Partition& partition, protocol::Runtime& runtime);

struct Topic {
  std::string name;
  protocol::TopicNumber number;  // in the journal
  StickyPartitioner sticky;
  std::vector<std::unique_ptr<Partition>> partitions;  // null until a record goes there
};

}  // namespace acklab::producer
