// What one partition knows of each idempotent producer: the last five batches, by which it tells a retry from a new batch and a
// gap from both (KIP-98; semantics of KIP-360 and KAFKA-5494), and its transaction, if one is open. Derived from the log alone, so
// followers have it too. Pure.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>

#include "protocol/records/end_transaction_marker.h"
#include "protocol/records/record_batch.h"
#include "protocol/result.h"
#include "protocol/types.h"
#include "storage/open_transactions.h"
#include "storage/transaction_index.h"

namespace acklab::storage {

inline constexpr std::size_t batches_remembered = 5;

struct RememberedBatch {
  protocol::Sequence first_sequence{};
  protocol::Sequence last_sequence{};
  protocol::Offset first_offset{};
  protocol::Offset last_offset{};
  std::int64_t timestamp = -1;
};

class ProducerStates {
 public:
  enum class Verdict { append, duplicate };
  struct Check {
    Verdict verdict = Verdict::append;
    protocol::Offset first_offset{};  // of the batch that this one repeats
    std::int64_t timestamp = -1;
  };

  // Where a producer without state may start: since KIP-360 anywhere, for its state may have been lost; before it was answered
  // UNKNOWN_PRODUCER_ID unless it started at 0.
  enum class Strangers { start_anywhere, start_at_zero };

  // Judges a producer's batch before it is appended. Duplicate: same epoch, first and last sequence of a remembered batch. Codes:
  // OUT_OF_ORDER_SEQUENCE_NUMBER, INVALID_PRODUCER_EPOCH, UNKNOWN_PRODUCER_ID. INVALID_TXN_STATE: it is not of a transaction and its
  // producer is in one, or it would open one, of which no coordinator has told (KIP-890).
  protocol::Result<Check> check(const protocol::BatchHeader& batch, Strangers strangers = Strangers::start_anywhere) const;

  // Takes in a batch that is in the log, with its final offsets, and what it says if it is a transaction's marker. Without judgement: a
  // replica takes what its leader has. The transaction that this has aborted, if there was one, is for the transaction index.
  std::optional<AbortedTransaction> update(const protocol::BatchHeader& batch,
                                           const std::optional<protocol::EndTransactionMarker>& marker = {});

  // Forgets the producers of whom nothing newer than that is in the log (producer.id.expiration.ms), but none in a transaction (hazard
  // T7). A producer that comes back is a stranger, and its retries are news (hazard P7).
  void forget_before(std::int64_t timestamp);

  // Forgets everything. After a truncation the log starts from a snapshot before the cut and replays the headers of what follows:
  // older batches of a producer that lost some are no longer remembered here, so nothing less would be exact.
  void clear() { *this = {}; }

  struct Producer {
    protocol::ProducerEpoch epoch{};
    std::deque<RememberedBatch> batches;                // oldest first, at most batches_remembered
    std::int64_t timestamp = -1;                        // the largest of its last batch, also if that was a marker
    std::int32_t coordinator_epoch = -1;                // of the transaction coordinator that wrote its last marker
    std::optional<protocol::Offset> transaction_start;  // of the open one: its first offset
  };
  const std::map<std::int64_t, Producer>& producers() const { return producers_; }
  // Puts in what a snapshot says of one.
  void restore(std::int64_t id, Producer producer);

  // See OpenTransactions.
  protocol::Offset last_stable_offset(protocol::Offset high_watermark) const {
    return transactions_.last_stable_offset(high_watermark);
  }
  void forget_decided_below(protocol::Offset high_watermark) { transactions_.forget_decided_below(high_watermark); }

 private:
  std::optional<AbortedTransaction> end_transaction(Producer& producer, const protocol::BatchHeader& marker_batch,
                                                    const protocol::EndTransactionMarker& marker);

  std::map<std::int64_t, Producer> producers_;
  OpenTransactions transactions_;
};

}  // namespace acklab::storage
