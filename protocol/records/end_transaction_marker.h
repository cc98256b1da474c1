// What a control batch says: its one record, which the transaction coordinator had written, ends a producer's transaction on this
// partition (KIP-98). Of the record
//
//   key    0  version           int16  0
//          2  type              int16  0 abort, 1 commit
//   value  0  version           int16  0
//          2  coordinatorEpoch  int32  of the coordinator: one that is older than another that was heard is fenced
//
// A newer version may only add to that.
#pragma once

#include <cstdint>
#include <optional>

#include "protocol/records/record_batch.h"

namespace acklab::protocol {

struct EndTransactionMarker {
  enum class Type : std::int16_t { abort = 0, commit = 1 };

  Type type{};
  std::int32_t coordinator_epoch = -1;

  friend bool operator==(const EndTransactionMarker&, const EndTransactionMarker&) = default;
};

// Nothing if it is no control batch, or one that compaction has emptied, or that says something else (a KRaft quorum has other types).
// Kafka gives up a log with a marker that cannot be read; here it ends nothing.
std::optional<EndTransactionMarker> end_transaction_marker(const RecordBatch& batch);

}  // namespace acklab::protocol
