// The arithmetic of the in-sync replicas, as a leader does it: which followers keep up, who may join, who has to go, and up to where
// everything is committed. Pure: values in, decisions out.
//
// A change of the ISR is only proposed here; the controller decides (KIP-497). Until its answer is known the leader assumes the worse
// of both outcomes: a replica that may have been added already counts (the *maximal* ISR), one that is to be removed still does.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "protocol/error_code.h"
#include "protocol/runtime/time.h"
#include "protocol/types.h"

namespace acklab::broker {

// What a leader knows of one follower, from the follower's fetches alone.
struct FollowerProgress {
  protocol::Offset log_end{};                   // where it fetched from last; -1 until it fetches in this leader epoch
  protocol::Offset log_start{0};                // as its last fetch said
  protocol::BrokerEpoch incarnation{};          // that fetched last
  protocol::Offset leader_end_at_last_fetch{};  // where the leader's own log ended then
  std::optional<protocol::Time> last_fetch;
  std::optional<protocol::Time> caught_up;  // the last time at which it had all that the leader had; none: never
};

// The follower fetched from `offset` while the leader's log ended at `leader_end`. A follower that now asks for what the leader had
// at its previous fetch was caught up *then*: under a steady load it is never at the very end, and must not be dropped for it.
FollowerProgress fetched(const FollowerProgress& before, protocol::Offset offset, protocol::Offset leader_end,
                         protocol::Time now);

// At the start of a leader epoch a member of the ISR has the benefit of the doubt, as if it had been caught up just now.
FollowerProgress at_epoch_start(bool in_isr, protocol::Time now);

bool caught_up(const FollowerProgress& follower, protocol::Offset leader_end, protocol::Time now, protocol::Duration lag_max);

// A follower as the high watermark sees it.
struct FollowerView {
  protocol::Offset log_end{};
  bool in_maximal_isr = false;
  bool about_to_join = false;  // caught up and eligible, though not in the ISR yet: not to be left behind now
};

// The high watermark is the smallest log end offset among the in-sync replicas. It never moves back on a leader.
protocol::Offset high_watermark(protocol::Offset current, protocol::Offset leader_end, std::span<const FollowerView> followers);

// min.insync.replicas cannot ask for more replicas than there are.
int effective_min_isr(int min_insync_replicas, std::size_t replicas);

// Which in-sync replicas a leader proposes, and with it what it has to assume meanwhile. Broker ids are sorted.
class IsrState {
 public:
  void commit(std::vector<protocol::BrokerId> isr);  // the controller's word; ends a proposal
  void propose(std::vector<protocol::BrokerId> isr);
  void withdraw() { proposed_.reset(); }  // certainly not applied

  const std::vector<protocol::BrokerId>& committed() const { return committed_; }
  const std::optional<std::vector<protocol::BrokerId>>& proposed() const { return proposed_; }
  bool in_committed(protocol::BrokerId broker) const;
  bool in_maximal(protocol::BrokerId broker) const;
  std::size_t maximal_size() const;

 private:
  std::vector<protocol::BrokerId> committed_;
  std::optional<std::vector<protocol::BrokerId>> proposed_;
};

// May a follower that fetched up to `log_end` join? It must have everything committed, and (`epoch_start`, KAFKA-7128) everything that
// was there when this leader took over: before that the high watermark may not be known to be what it is.
bool has_enough_to_join(protocol::Offset log_end, protocol::Offset high_watermark, std::optional<protocol::Offset> epoch_start);

std::vector<protocol::BrokerId> with(std::vector<protocol::BrokerId> isr, protocol::BrokerId joining);
std::vector<protocol::BrokerId> without(std::vector<protocol::BrokerId> isr, std::span<const protocol::BrokerId> leaving);

// How a leader stands towards a batch that waits for acks=all.
struct ReplicationStatus {
  bool leads = false;
  protocol::Offset high_watermark{};
  std::size_t maximal_isr = 0;
  int min_isr = 1;
};

// The code with which the wait for everything below `required` ends; nothing while it goes on.
std::optional<protocol::ErrorCode> replication_outcome(protocol::Offset required, const ReplicationStatus& status);

}  // namespace acklab::broker
