// The transactions of a log that stand in the way of who reads committed data only (KIP-98). Pure.
//
//     10        14         20          high watermark       30
//     | A       | B        | A aborts  :                    | B commits
//
// From the first offset of an undecided transaction on nothing is stable. A decision counts when its marker is committed: until then it
// could be lost with the leader, and a transaction that was told as aborted be committed by the next one. So in the picture the last
// stable offset is 14, since B's marker is not below the high watermark yet; were the watermark at 18, it would be 10.
//
// Decisions that lie before the snapshot from which producers were learned are not in here, as in Kafka: a log that is opened with a high
// watermark below its last snapshot takes them for committed.
#pragma once

#include <cstdint>
#include <map>
#include <optional>

#include "protocol/types.h"

namespace acklab::storage {

class OpenTransactions {
 public:
  // Its first batch.
  void begin(protocol::Offset first);
  // The marker of the transaction that began at `first`.
  void decide(protocol::Offset first, protocol::Offset marker);

  std::optional<protocol::Offset> first_undecided() const;
  // Nobody may read more of what is committed up to `high_watermark`.
  protocol::Offset last_stable_offset(protocol::Offset high_watermark) const;
  // Decisions below it count, and are forgotten.
  void forget_decided_below(protocol::Offset high_watermark);

 private:
  static constexpr protocol::Offset undecided{INT64_MAX};
  std::map<protocol::Offset, protocol::Offset> markers_;  // by first offset
};

}  // namespace acklab::storage
