// What one partition knows of each idempotent producer: the last five batches, by which it tells a retry from a new batch and a
// gap from both (KIP-98; semantics of KIP-360 and KAFKA-5494). Derived from the log alone, so followers have it too. Pure.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>

#include "protocol/records/record_batch.h"
#include "protocol/result.h"
#include "protocol/types.h"

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
  // OUT_OF_ORDER_SEQUENCE_NUMBER, INVALID_PRODUCER_EPOCH, UNKNOWN_PRODUCER_ID.
  protocol::Result<Check> check(const protocol::BatchHeader& batch, Strangers strangers = Strangers::start_anywhere) const;

  // Takes in a batch that is in the log, with its final offsets. Without judgement: a replica takes what its leader has.
  void update(const protocol::BatchHeader& batch);

  // Puts in what a snapshot says of a producer; `last` is the newest of its batches, if one of its epoch is known.
  void restore(std::int64_t producer, protocol::ProducerEpoch epoch, const std::optional<RememberedBatch>& last);

  // Forgets the producers whose newest batch is older than that (producer.id.expiration.ms). A producer that comes back is a
  // stranger, and its retries are news (hazard P7).
  void forget_before(std::int64_t timestamp);

  // Forgets everything. After a truncation the log starts from a snapshot before the cut and replays the headers of what follows:
  // older batches of a producer that lost some are no longer remembered here, so nothing less would be exact.
  void clear() { producers_.clear(); }

  struct Producer {
    protocol::ProducerEpoch epoch{};
    std::deque<RememberedBatch> batches;  // oldest first, at most batches_remembered
  };
  const std::map<std::int64_t, Producer>& producers() const { return producers_; }

 private:
  std::map<std::int64_t, Producer> producers_;
};

}  // namespace acklab::storage
