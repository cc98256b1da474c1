// DeleteRecords requests between the leaders' part and their answers: an answer waits until all living replicas have dropped what was to
// be dropped, or TimeoutMs is over (what the leader has dropped stays dropped).
#pragma once

#include <vector>

#include "broker/call.h"
#include "broker/partition/deadline_timer.h"
#include "broker/partition/partition.h"
#include "broker/partition/waiting.h"
#include "protocol/messages/delete_records.h"
#include "protocol/runtime/runtime.h"

namespace acklab::broker {

class ReplicaManager;

// One DeleteRecords request that the leader has applied: the answer as it stands, and what is still open in it.
struct AppliedDeletion {
  struct Open {
    std::size_t topic = 0, partition = 0;  // its place in `response`
    PartitionKey key;
    Offset required{};  // the low watermark that it waits for
  };

  Call call;
  protocol::DeleteRecordsResponse response;
  std::vector<Open> open;
};

class DelayedDeletions {
 public:
  DelayedDeletions(protocol::Runtime& runtime, ReplicaManager& replicas);

  // Answers at once if nothing has to be waited for.
  void wait(AppliedDeletion deletion, protocol::Duration timeout);
  // The partition has moved.
  void look_at(const PartitionKey& key);

 private:
  // Takes out of it what is not waited for any more.
  void settle(AppliedDeletion& deletion);
  void expire();

  protocol::Runtime& runtime_;
  ReplicaManager& replicas_;
  WaitingRoom<AppliedDeletion> room_;
  DeadlineTimer timer_;
};

}  // namespace acklab::broker
