#include "producer/record_buffer.h"

#include <algorithm>

#include "producer/retry.h"

#include "protocol/check.h"

namespace acklab::producer {

using protocol::Cause;
using protocol::Time;

namespace {

// By sequence, which is the order of their records. A batch that lost its name waits until those that kept theirs are settled.
bool goes_before(const std::unique_ptr<Batch>& a, const std::unique_ptr<Batch>& b) {
  if (a->identity.known() != b->identity.known()) return a->identity.known();
  return a->records.front().number < b->records.front().number;
}

// A broker remembers five batches; who has more in flight counts on a longer memory.
std::uint64_t window(const ProducerConfig& config) {
  const bool unlimited = config.unsafe_variant == UnsafeVariant::more_than_five_in_flight;
  return static_cast<std::uint64_t>(unlimited ? config.max_in_flight : std::min(config.max_in_flight, max_idempotent_in_flight));
}

}  // namespace

RecordBuffer::RecordBuffer(const ProducerConfig& config, const CompressionEstimate& estimate)
    : config_(config), estimate_(estimate), sequences_(window(config)) {}

// An open batch's, once it is compressed.
std::size_t RecordBuffer::likely_size(const Batch& batch) const {
  return protocol::batch_header_size + estimate_.compressed(batch.size() - protocol::batch_header_size);
}

bool RecordBuffer::has_room_for(std::size_t record_bytes) const {
  if (queue_.empty() || !queue_.back()->open()) return false;
  return likely_size(*queue_.back()) + record_bytes <= config_.batch_size && !has_all_records(*queue_.back());
}

bool RecordBuffer::half_full() const { return !queue_.empty() && queue_.back()->open() && !is_enough(*queue_.back()); }

bool RecordBuffer::has_all_records(const Batch& batch) const {
  return config_.batch_num_messages > 0 && batch.count() >= config_.batch_num_messages;
}

// Nothing that an open batch may still get is worth waiting for: it is full, or has what was set to make it leave.
bool RecordBuffer::is_enough(const Batch& batch) const {
  if (likely_size(batch) >= config_.batch_size || has_all_records(batch)) return true;
  if (config_.ready_bytes > 0 && batch.size() >= config_.ready_bytes) return true;
  return config_.ready_messages > 0 && batch.count() >= config_.ready_messages;
}

Batch* RecordBuffer::newest_open() { return !queue_.empty() && queue_.back()->open() ? queue_.back().get() : nullptr; }

Batch& RecordBuffer::open(std::uint64_t number, Time now, std::size_t memory) {
  CHECK(!newest_open());
  auto batch = std::make_unique<Batch>();
  batch->number = number;
  batch->created = now;
  batch->memory = memory;
  // Batches of one partition are alike: room for another like the last, at once.
  batch->builder.emplace(config_.compression, protocol::BatchBuilder::Room{last_size_, memory});
  batch->records.reserve(last_count_);
  return *queue_.emplace_back(std::move(batch));
}

Batch& RecordBuffer::append(const protocol::NewRecord& record, PendingRecord pending) {
  Batch* batch = newest_open();
  CHECK(batch);
  batch->builder->append(record);
  batch->records.push_back(std::move(pending));
  return *batch;
}

Time RecordBuffer::sendable_at(const Urgency& urgency, const Leader& leader) const {
  if (queue_.empty()) return never;
  const Batch& oldest = *queue_.front();

  if (config_.names_batches()) {
    const bool its_turn = oldest.identity.known() ? sequences_.is_oldest(oldest.number) : sequences_.may_assign();
    if (!its_turn) return never;
  } else if (config_.max_in_flight == 1 && !in_flight_.empty()) {
    return never;
  }

  if (oldest.retries > 0) return leader != oldest.leader ? Time::min() : oldest.not_before;
  if (!oldest.open() || ready_because(urgency) != Cause::linger) return Time::min();
  return oldest.created + config_.ready_after();
}

protocol::Cause RecordBuffer::ready_because(const Urgency& urgency) const {
  const Batch& oldest = *queue_.front();
  if (queue_.size() > 1 || is_enough(oldest)) return Cause::full;
  if (oldest.records.front().number < urgency.flush_before) return Cause::flush;
  return urgency.memory_exhausted ? Cause::memory : Cause::linger;
}

Batch& RecordBuffer::take(const Leader& leader) {
  CHECK(!queue_.empty() && !queue_.front()->open());
  Batch& batch = *in_flight_.emplace_back(std::move(queue_.front()));
  queue_.pop_front();
  if (batch.builder) {
    last_size_ = batch.builder->uncompressed_size();
    last_count_ = batch.records.size();
  }
  if (config_.names_batches() && !batch.identity.known()) {
    batch.identity = sequences_.assign(batch.number, static_cast<std::int32_t>(batch.records.size()));
    batch.write();
  } else if (batch.builder) {
    batch.write();
  }
  ++batch.attempts;
  batch.leader = leader;
  return batch;
}

Batch* RecordBuffer::in_flight(std::uint64_t number) {
  const auto found = std::find_if(in_flight_.begin(), in_flight_.end(), [&](const Owned& b) { return b->number == number; });
  return found == in_flight_.end() ? nullptr : found->get();
}

void RecordBuffer::put_back(Batch& batch, Time not_before) {
  if (config_.unsafe_variant == UnsafeVariant::renumber_on_retry) left_a_gap(batch);
  if (config_.unsafe_variant == UnsafeVariant::reorders_on_retry && !batch.indefinite) left_a_gap(batch);
  enqueue_again(remove_in_flight(batch), not_before);
  give_up_names();
}

void RecordBuffer::put_back_unnamed(Batch& batch, Time not_before) {
  CHECK(!batch.indefinite || renumbers_batches_in_doubt(config_) || !config_.era.bumps_epoch);
  left_a_gap(batch);
  enqueue_again(remove_in_flight(batch), not_before);
  give_up_names();
}

void RecordBuffer::put_back_pieces(const Batch& batch, std::vector<std::unique_ptr<Batch>> pieces) {
  const Owned whole = remove_in_flight(batch);
  if (whole->identity.known()) {
    std::vector<std::uint64_t> numbers;
    for (const Owned& piece : pieces) numbers.push_back(piece->number);
    sequences_.split(whole->number, numbers);
  }
  for (Owned& piece : pieces) insert(std::move(piece));
  give_up_names();
}

std::unique_ptr<Batch> RecordBuffer::release_acknowledged(Batch& batch) {
  if (batch.identity.known()) sequences_.acknowledged(batch.number);
  return remove_in_flight(batch);
}

std::unique_ptr<Batch> RecordBuffer::release_given_up(Batch& batch) {
  Owned owned = remove_in_flight(batch);
  left_a_gap(*owned);
  give_up_names();
  return owned;
}

std::vector<std::unique_ptr<Batch>> RecordBuffer::expire(Time now) {
  std::vector<Owned> expired;
  const Time oldest_allowed = now - config_.delivery_timeout;
  const auto too_old = [&](const Owned& batch) { return batch->created <= oldest_allowed; };
  for (Owned& batch : in_flight_) {
    if (!too_old(batch)) continue;
    batch->indefinite = true;
    expired.push_back(std::move(batch));
  }
  std::erase(in_flight_, nullptr);
  for (Owned& batch : queue_) {
    if (too_old(batch)) expired.push_back(std::move(batch));
  }
  std::erase(queue_, nullptr);
  for (const Owned& batch : expired) left_a_gap(*batch);
  if (!expired.empty()) give_up_names();
  return expired;
}

Time RecordBuffer::expires_at() const {
  Time created = never;
  for (const Owned& batch : in_flight_) created = std::min(created, batch->created);
  // Batches wait in the order of their making, but for those that went back.
  for (const Owned& batch : queue_) {
    created = std::min(created, batch->created);
    if (batch->attempts == 0) break;
  }
  return created == never ? never : created + config_.delivery_timeout;
}

std::vector<std::unique_ptr<Batch>> RecordBuffer::abandon_queue() {
  std::vector<Owned> abandoned(std::make_move_iterator(queue_.begin()), std::make_move_iterator(queue_.end()));
  queue_.clear();
  for (const Owned& batch : abandoned) left_a_gap(*batch);
  return abandoned;
}

void RecordBuffer::start(ProducerIdentity identity) {
  protocol::Sequence first{0};
  if (!sequences_.identity().known()) first = {config_.first_sequence};
  if (config_.unsafe_variant == UnsafeVariant::keeps_sequence_on_bump && sequences_.identity().known()) first = sequences_.next();
  sequences_.start(identity, first);
}

void RecordBuffer::end_epoch() {
  if (!sequences_.identity().known()) return;
  sequences_.end_epoch();
  give_up_names();
}

bool RecordBuffer::wants_identity() const { return config_.names_batches() && !queue_.empty() && sequences_.wants_identity(); }

std::unique_ptr<Batch> RecordBuffer::remove_in_flight(const Batch& batch) {
  const auto found = std::find_if(in_flight_.begin(), in_flight_.end(), [&](const Owned& b) { return b.get() == &batch; });
  CHECK(found != in_flight_.end());
  Owned owned = std::move(*found);
  in_flight_.erase(found);
  return owned;
}

void RecordBuffer::enqueue_again(Owned batch, Time not_before) {
  ++batch->retries;
  batch->not_before = not_before;
  if (config_.unsafe_variant == UnsafeVariant::reorders_on_retry) {
    queue_.push_back(std::move(batch));
  } else {
    insert(std::move(batch));
  }
}

// Without sequences Kafka puts a batch that comes back to the very front, whatever else did so before it: the order of a pipeline is
// not kept anyway. But the pieces of one batch stay in their order.
void RecordBuffer::insert(Owned batch) {
  auto place = queue_.begin();
  if (config_.names_batches() || batch->is_piece) place = std::lower_bound(queue_.begin(), queue_.end(), batch, goes_before);
  queue_.insert(place, std::move(batch));
}

void RecordBuffer::left_a_gap(Batch& batch) {
  if (!batch.identity.known()) return;
  sequences_.left_a_gap(batch.number);
  batch.identity = {};
}

// After a gap the queued batches cannot go on under their names, and those that are certainly not in the log need not try. One that
// is in doubt keeps its name and tries: perhaps it is there, or the gap is none.
void RecordBuffer::give_up_names() {
  if (!sequences_.unresolved()) return;
  for (const Owned& batch : queue_) {
    if (batch->attempts == 0) break;
    if (!batch->indefinite || renumbers_batches_in_doubt(config_)) left_a_gap(*batch);
  }
  if (config_.unsafe_variant == UnsafeVariant::reorders_on_retry) return;
  std::sort(queue_.begin(), queue_.end(), goes_before);
}

}  // namespace acklab::producer
