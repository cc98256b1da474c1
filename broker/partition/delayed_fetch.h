// Fetch requests that wait until there is enough to read: new records for a follower, committed ones for a consumer, or until MaxWaitMs
// is over. Each attempt reads anew; what an earlier one found is not kept.
#pragma once

#include <cstdint>
#include <vector>

#include "broker/call.h"
#include "broker/metrics.h"
#include "broker/partition/deadline_timer.h"
#include "broker/partition/fetch_session.h"
#include "broker/partition/partition.h"
#include "broker/partition/waiting.h"
#include "protocol/messages/fetch.h"
#include "protocol/runtime/runtime.h"

namespace acklab::broker {

class ReplicaManager;

struct PendingFetch {
  struct Question {
    std::size_t topic = 0, partition = 0;  // its place in the answer
    PartitionKey key;
    ReadRequest read;
  };

  Call call;
  FetchSessions::Context session;
  protocol::FetchResponse response;  // with what is certain already: partitions that are not here
  std::vector<Question> questions;   // the others, in the order of the request
  std::size_t max_bytes = 0;
  std::size_t min_bytes = 0;
};

// The answer for a partition, with nothing but a code.
protocol::FetchResponse::Partition without_records(std::int32_t index, protocol::ErrorCode code);

class DelayedFetches {
 public:
  // All outlive it.
  DelayedFetches(protocol::Runtime& runtime, const MetadataImage& image, ReplicaManager& replicas, FetchSessions& sessions,
                 BrokerMetrics& metrics);

  // Answers at once if there is enough, something went wrong, or nothing is to be waited for.
  void wait(PendingFetch fetch, protocol::Duration max_wait);
  // The partition has moved.
  void look_at(const PartitionKey& key);

 private:
  // Fills the answer; true if it need not wait any longer.
  bool attempt(PendingFetch& fetch);
  static std::vector<PartitionKey> changed_by(const PendingFetch& fetch);
  void tell(const std::vector<PartitionKey>& changed);
  bool has_news(const PendingFetch& fetch, const PartitionKey& key);
  void answer(PendingFetch& fetch);
  void expire();

  protocol::Runtime& runtime_;
  const MetadataImage& image_;
  ReplicaManager& replicas_;
  FetchSessions& sessions_;
  BrokerMetrics& metrics_;
  WaitingRoom<PendingFetch> room_;
  DeadlineTimer timer_;
};

}  // namespace acklab::broker
