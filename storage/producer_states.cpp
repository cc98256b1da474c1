#include "storage/producer_states.h"

#include <algorithm>

#include "protocol/mutant.h"

namespace acklab::storage {

using protocol::BatchHeader;
using protocol::ErrorCode;
using protocol::failure;
using protocol::Mutant;
using protocol::Result;
using protocol::Sequence;

Result<ProducerStates::Check> ProducerStates::check(const BatchHeader& batch, Strangers strangers) const {
  if (!batch.idempotent() || active(Mutant::skip_sequence_check)) return Check{};
  const auto known = producers_.find(batch.producer_id.value);
  if (known == producers_.end()) {
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

  // Nothing is remembered of the current epoch right after a marker raised it, and nothing of an epoch that is new.
  const bool starts_epoch = batch.producer_epoch > producer.epoch || producer.batches.empty();
  const Sequence expected = starts_epoch ? Sequence{0} : producer.batches.back().last_sequence + 1;
  if (batch.base_sequence != expected) return failure(ErrorCode::out_of_order_sequence_number);
  return Check{};
}

void ProducerStates::update(const BatchHeader& batch) {
  if (!batch.idempotent()) return;
  Producer& producer = producers_[batch.producer_id.value];
  if (producer.epoch != batch.producer_epoch) {
    producer.epoch = batch.producer_epoch;
    producer.batches.clear();
  }
  if (batch.control()) return;  // a transaction's marker has no sequence; it only carries the epoch

  if (producer.batches.size() == batches_remembered) producer.batches.pop_front();
  producer.batches.push_back(
      {batch.base_sequence, batch.last_sequence(), batch.base_offset, batch.last_offset(), batch.max_timestamp});
}

void ProducerStates::restore(std::int64_t producer, protocol::ProducerEpoch epoch, const std::optional<RememberedBatch>& last) {
  Producer& restored = producers_[producer];
  restored = {.epoch = epoch, .batches = {}};
  if (last) restored.batches.push_back(*last);
}

// A marker leaves no batch behind; the producer of a transaction is not forgotten.
void ProducerStates::forget_before(std::int64_t timestamp) {
  std::erase_if(producers_, [&](const auto& entry) {
    const std::deque<RememberedBatch>& batches = entry.second.batches;
    return !batches.empty() && batches.back().timestamp < timestamp;
  });
}

}  // namespace acklab::storage
