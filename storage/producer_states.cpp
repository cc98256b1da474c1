#include "storage/producer_states.h"

#include <algorithm>
#include <utility>

#include "protocol/mutant.h"

namespace acklab::storage {

using protocol::BatchHeader;
using protocol::EndTransactionMarker;
using protocol::ErrorCode;
using protocol::failure;
using protocol::Mutant;
using protocol::Result;
using protocol::Sequence;

Result<ProducerStates::Check> ProducerStates::check(const BatchHeader& batch, Strangers strangers) const {
  if (!batch.idempotent() && batch.transactional()) return failure(ErrorCode::invalid_txn_state);
  if (!batch.idempotent() || active(Mutant::skip_sequence_check)) return Check{};
  const auto known = producers_.find(batch.producer_id.value);
  if (known == producers_.end()) {
    if (batch.transactional()) return failure(ErrorCode::invalid_txn_state);
    if (strangers == Strangers::start_anywhere || batch.base_sequence == Sequence{0}) return Check{};
    return failure(ErrorCode::unknown_producer_id);
  }
  const Producer& producer = known->second;

  // A retry repeats a batch as it was. Part of one, or two in one, is no retry; it fails the test for a gap below.
  if (batch.producer_epoch == producer.epoch) {
    const auto repeated = std::find_if(producer.batches.begin(), producer.batches.end(), [&](const RememberedBatch& old) {
      return old.first_sequence == batch.base_sequence && old.last_sequence == batch.last_sequence();
    });
    if (repeated != producer.batches.end() && !active(Mutant::deny_the_duplicate))
      return Check{Verdict::duplicate, repeated->first_offset, repeated->timestamp};
  }
  if (batch.producer_epoch < producer.epoch) return failure(ErrorCode::invalid_producer_epoch);
  const bool goes_on = producer.transaction_start && batch.producer_epoch == producer.epoch;
  if (batch.transactional() ? !goes_on : producer.transaction_start.has_value()) return failure(ErrorCode::invalid_txn_state);

  // Nothing is remembered of the current epoch right after a marker raised it, and nothing of an epoch that is new.
  const bool starts_epoch = batch.producer_epoch > producer.epoch || producer.batches.empty();
  const Sequence expected = starts_epoch ? Sequence{0} : producer.batches.back().last_sequence + 1;
  if (batch.base_sequence != expected) return failure(ErrorCode::out_of_order_sequence_number);
  return Check{};
}

std::optional<AbortedTransaction> ProducerStates::update(const BatchHeader& batch,
                                                         const std::optional<EndTransactionMarker>& marker) {
  if (!batch.idempotent()) return std::nullopt;
  Producer& producer = producers_[batch.producer_id.value];
  if (producer.epoch != batch.producer_epoch) {
    producer.epoch = batch.producer_epoch;
    producer.batches.clear();
  }
  producer.timestamp = batch.max_timestamp;
  // A marker has no sequence. One that compaction has emptied still carries the epoch.
  if (batch.control()) return marker ? end_transaction(producer, batch, *marker) : std::nullopt;

  if (batch.transactional() && !producer.transaction_start) {
    producer.transaction_start = batch.base_offset;
    transactions_.begin(batch.base_offset);
  }
  if (producer.batches.size() == batches_remembered) producer.batches.pop_front();
  producer.batches.push_back(
      {batch.base_sequence, batch.last_sequence(), batch.base_offset, batch.last_offset(), batch.max_timestamp});
  return std::nullopt;
}

// A marker without anything before it decides nothing: its transaction wrote nothing here, or it is there twice.
std::optional<AbortedTransaction> ProducerStates::end_transaction(Producer& producer, const BatchHeader& marker_batch,
                                                                  const EndTransactionMarker& marker) {
  producer.coordinator_epoch = marker.coordinator_epoch;
  const auto first = std::exchange(producer.transaction_start, std::nullopt);
  if (!first) return std::nullopt;
  transactions_.decide(*first, marker_batch.last_offset());
  if (marker.type == EndTransactionMarker::Type::commit) return std::nullopt;
  return AbortedTransaction{.producer_id = marker_batch.producer_id.value,
                            .first_offset = *first,
                            .last_offset = marker_batch.last_offset(),
                            .last_stable_offset = transactions_.first_undecided().value_or(marker_batch.next_offset())};
}

void ProducerStates::restore(std::int64_t id, Producer producer) {
  if (producer.transaction_start) transactions_.begin(*producer.transaction_start);
  producers_[id] = std::move(producer);
}

void ProducerStates::forget_before(std::int64_t timestamp) {
  std::erase_if(producers_, [&](const auto& entry) {
    const Producer& producer = entry.second;
    return !producer.transaction_start && producer.timestamp < timestamp;
  });
}

}  // namespace acklab::storage
