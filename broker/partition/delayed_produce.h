// Produce requests between their appends and their answers: with acks=all an answer waits until every batch is replicated to the
// in-sync replicas, or can never be, or TimeoutMs is over (what was appended stays appended).
#pragma once

#include <cstdint>
#include <vector>

#include "broker/call.h"
#include "broker/controller/metadata_image.h"
#include "broker/partition/deadline_timer.h"
#include "broker/partition/partition.h"
#include "broker/partition/waiting.h"
#include "protocol/messages/produce.h"
#include "protocol/runtime/runtime.h"

namespace acklab::broker {

class ReplicaManager;

// One Produce request that has been applied: the answer as it stands, and what is still open in it.
struct AppliedProduce {
  struct Batch {
    std::size_t topic = 0, partition = 0;  // its place in `response`
    PartitionKey key;
    LeaderEpoch epoch{};
    std::int64_t records = 0;
    Offset required{};  // the high watermark that it waits for
    bool waiting = false;
  };

  Call call;
  protocol::ProduceResponse response;
  std::vector<Batch> batches;  // one for each partition of the request

  protocol::ProduceResponse::Partition& answer_of(const Batch& batch) {
    return response.topics[batch.topic].partitions[batch.partition];
  }
};

// Answers, and writes into the journal what was answered for each partition. `image` knows who leads instead of us.
void answer(protocol::Runtime& runtime, const MetadataImage& image, AppliedProduce& produce);

class DelayedProduces {
 public:
  DelayedProduces(protocol::Runtime& runtime, const MetadataImage& image, ReplicaManager& replicas);

  // Answers at once if nothing has to be waited for.
  void wait(AppliedProduce produce, protocol::Duration timeout);
  // The partition has moved.
  void look_at(const PartitionKey& key);

 private:
  // True if nothing in it is waited for any more.
  bool settle(AppliedProduce& produce);
  void expire();

  protocol::Runtime& runtime_;
  const MetadataImage& image_;
  ReplicaManager& replicas_;
  WaitingRoom<AppliedProduce> room_;
  DeadlineTimer timer_;
};

}  // namespace acklab::broker
