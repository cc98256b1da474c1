#include "storage/cleaned_transactions.h"

#include <algorithm>
#include <utility>

#include "protocol/records/end_transaction_marker.h"

namespace acklab::storage {

using protocol::EndTransactionMarker;
using protocol::Offset;

CleanedTransactions::CleanedTransactions(std::vector<AbortedTransaction> aborted) : to_come_(std::move(aborted)) {
  std::sort(to_come_.begin(), to_come_.end(),
            [](const AbortedTransaction& a, const AbortedTransaction& b) { return a.first_offset > b.first_offset; });
}

CleanedTransactions::Met CleanedTransactions::meet(const protocol::RecordBatch& batch) {
  const std::int64_t producer = batch.header().producer_id.value;
  take_up(batch.header().last_offset());
  if (batch.header().control()) {
    const auto marker = end_transaction_marker(batch);
    if (!marker) return {batch.header().records_count == 0 ? Meaning::idle_marker : Meaning::marker, {}};
    if (marker->type == EndTransactionMarker::Type::abort) return meet_abort(producer);
    return {committed_.erase(producer) > 0 ? Meaning::marker : Meaning::idle_marker, {}};
  }
  if (!batch.header().transactional()) return {Meaning::plain, {}};
  if (const auto found = aborted_.find(producer); found != aborted_.end()) {
    found->second.met = true;
    return {Meaning::aborted, {}};
  }
  committed_.insert(producer);
  return {Meaning::plain, {}};
}

void CleanedTransactions::take_up(Offset offset) {
  for (; !to_come_.empty() && to_come_.back().first_offset <= offset; to_come_.pop_back()) {
    aborted_.try_emplace(to_come_.back().producer_id, Aborted{.transaction = to_come_.back()});
  }
}

CleanedTransactions::Met CleanedTransactions::meet_abort(std::int64_t producer) {
  const auto ended = aborted_.extract(producer);
  if (!ended || !ended.mapped().met) return {Meaning::idle_marker, {}};
  return {Meaning::marker, ended.mapped().transaction};
}

}  // namespace acklab::storage
