// Which leader epoch began at which offset (KIP-101): what two replicas compare to find where their logs part. Pure.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "protocol/types.h"

namespace acklab::storage {

struct EpochStart {
  protocol::LeaderEpoch epoch{};
  protocol::Offset start{};

  friend bool operator==(const EpochStart&, const EpochStart&) = default;
};

struct EpochEnd {
  protocol::LeaderEpoch epoch{};  // -1: undefined
  protocol::Offset end{};

  friend bool operator==(const EpochEnd&, const EpochEnd&) = default;
};

class LeaderEpochs {
 public:
  // Notes that `epoch` begins at `start`, when a batch of a new epoch is appended or the replica becomes leader. Entries at the tail
  // that contradict it (an equal or higher epoch, an equal or higher start) are dropped: epochs and starts both only grow.
  void assign(protocol::LeaderEpoch epoch, protocol::Offset start);

  // -1 if there is none.
  protocol::LeaderEpoch latest() const;

  // Where `epoch` ends: for the latest, the log's end; for one that is unknown, where the next higher begins, named by the largest
  // epoch not above it; undefined for an epoch above the latest (KIP-279).
  EpochEnd end_of(protocol::LeaderEpoch epoch, protocol::Offset log_end) const;

  // The log was cut at its end, or its start moved up.
  void truncate_to(protocol::Offset end);
  void trim_to(protocol::Offset start);
  void clear() { entries_.clear(); }

  std::span<const EpochStart> entries() const { return entries_; }
  std::optional<EpochStart> first() const { return entries_.empty() ? std::nullopt : std::optional(entries_.front()); }

  friend bool operator==(const LeaderEpochs&, const LeaderEpochs&) = default;

 private:
  std::vector<EpochStart> entries_;
};

}  // namespace acklab::storage
