// A look at a producer's insides, for those who watch it: a copy of what it holds at this moment. Costs nothing until it is asked for.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "protocol/runtime/time.h"
#include "protocol/types.h"

namespace acklab::producer {

// Why a batch is still here.
enum class WaitsFor {
  answer,            // it is in flight
  batch_before_it,   // the queue is sent from its oldest end
  leader,            // nobody knows who leads the partition
  producer_id,       // it is idempotent, and has no identity yet or needs a new epoch
  earlier_outcomes,  // the broker remembers few batches; with one in flight, or a retry, the older ones come first
  back_off,          // a retry waits
  linger,            // more records may come
  connection,        // it may go as soon as the connection takes it
};
std::string_view name(WaitsFor why);

struct BatchView {
  enum class State { open, sealed, in_flight };

  std::uint64_t number = 0;  // as in the journal
  State state{};
  std::int64_t records = 0;
  std::size_t bytes = 0;  // so far; compressed once it is sealed
  protocol::ProducerId producer{};
  protocol::ProducerEpoch epoch{};
  protocol::Sequence sequence{};  // of its first record
  int attempts = 0;               // how often it was written to a connection
  WaitsFor waits_for{};
  protocol::Time until = protocol::Time::max();  // of back_off and linger
};

struct PartitionView {
  protocol::TopicPartition name;
  protocol::BrokerId leader{};     // as far as is known
  std::vector<BatchView> batches;  // in flight first, then the queue; oldest first
};

struct ProducerView {
  protocol::Time now{};
  std::size_t memory_used = 0;  // of buffer.memory
  std::size_t buffer_memory = 0;
  std::size_t waiting_records = 0;  // without a batch: for metadata or room
  int requests_in_flight = 0;
  std::vector<PartitionView> partitions;
};

}  // namespace acklab::producer
