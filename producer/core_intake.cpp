// From a record to a batch: refused, placed, or waiting.
#include <utility>

#include "producer/core.h"
#include "protocol/check.h"
#include "protocol/records/batch_builder.h"

namespace acklab::producer {

ProducerRecord owned(const ProducerRecordView& record) {
  ProducerRecord copy;
  copy.topic = record.topic;
  copy.partition = record.partition;
  copy.key = record.key;
  copy.value = record.value;
  for (const auto& header : record.headers)
    copy.headers.push_back({std::string(header.key), std::optional<std::string>(header.value)});
  copy.timestamp = record.timestamp;
  return copy;
}

using protocol::ErrorCode;
using protocol::Event;
using protocol::NewRecord;
using protocol::Time;

void Producer::Core::send(const ProducerRecord& record, Callback callback) {
  send({.topic = record.topic,
        .partition = record.partition,
        .key = record.key,
        .value = record.value,
        .headers = views_of(record.headers),
        .timestamp = record.timestamp},
       std::move(callback));
}

void Producer::Core::send(const ProducerRecordView& record, Callback callback) {
  send_at(runtime_.now(), record, std::move(callback));
  tell_intake();
}

void Producer::Core::send_at(Time sent_at, const ProducerRecordView& record, Callback callback) {
  if (!interceptors_.empty()) return send_intercepted(sent_at, record, std::move(callback));
  take(sent_at, record, std::move(callback));
}

void Producer::Core::add_interceptor(std::unique_ptr<Interceptor> interceptor) {
  CHECK(topics_.empty());  // no record was sent before
  interceptors_.add(std::move(interceptor));
}

void Producer::Core::send_intercepted(Time sent_at, const ProducerRecordView& record, Callback callback) {
  const ProducerRecord changed = interceptors_.changed(record);
  take(sent_at,
       {.topic = changed.topic,
        .partition = changed.partition,
        .key = changed.key,
        .value = changed.value,
        .headers = views_of(changed.headers),
        .timestamp = changed.timestamp},
       interceptors_.told_first(changed.topic, std::move(callback)));
}

void Producer::Core::take(Time sent_at, const ProducerRecordView& record, Callback callback) {
  const std::int64_t timestamp = record.timestamp >= 0 ? record.timestamp : runtime_.wall_now().milliseconds;
  const NewRecord content{.timestamp = timestamp, .key = record.key, .value = record.value, .headers = record.headers};
  const std::size_t bytes = upper_bound_of(content);
  Topic& topic = topic_named(record.topic);
  topic.last_used = sent_at;
  PendingRecord pending{std::move(callback), sent_at, outcomes_.expect_one()};
  metrics_.record_size.record(static_cast<std::int64_t>(bytes));
  count_queued(topic);

  if (const std::optional<ErrorCode> code = refusal(record.partition, bytes)) {
    outcomes_.failed(topic.number, record.partition, std::move(pending), *code);
    return wake();
  }
  Placement placement = Placement::no_partition;
  if (!waiting_.holds_up(topic.name)) placement = place(topic, record.partition, content, bytes, sent_at, pending);
  if (placement == Placement::placed) return;
  ProducerRecord copy = owned(record);
  copy.timestamp = timestamp;
  waiting_.push({std::move(copy), bytes, std::move(pending)}, placement);
  wake();
}

// What is certain at once, whatever the cluster says.
std::optional<ErrorCode> Producer::Core::refusal(std::optional<std::int32_t> partition, std::size_t record_bytes) const {
  if (unusable()) return fatal_error();
  if (partition.value_or(0) < 0) return ErrorCode::invalid_partitions;
  const std::size_t bytes = protocol::batch_header_size + record_bytes;
  if (bytes > config_.max_request_size || bytes > config_.buffer_memory) return ErrorCode::message_too_large;
  if (waiting_.size() >= max_waiting_records) return ErrorCode::request_timed_out;
  return std::nullopt;
}

Placement Producer::Core::place(WaitingRecord& waiting) {
  const ProducerRecord& record = waiting.record;
  const NewRecord content{
      .timestamp = record.timestamp, .key = record.key, .value = record.value, .headers = views_of(record.headers)};
  return place(topic_named(record.topic), record.partition, content, waiting.bytes, runtime_.now(), waiting.pending);
}

Placement Producer::Core::place(Topic& topic, std::optional<std::int32_t> wanted, const NewRecord& record, std::size_t bytes,
                                Time now, PendingRecord& pending) {
  const std::vector<Leader>& leaders = topic.known->partitions;
  if (topic.known->refusal || unusable()) {
    const std::optional<ErrorCode> refusal = unusable() ? fatal_error() : topic.known->refusal;
    outcomes_.failed(topic.number, wanted, std::move(pending), *refusal);
    metadata_.ask_for_what_is_missing();
    wake();
    return Placement::placed;
  }
  if (leaders.empty() || wanted.value_or(0) >= static_cast<std::int32_t>(leaders.size())) {
    metadata_.watch(topic.name);
    metadata_.ask_for_what_is_missing();
    return Placement::no_partition;
  }

  const std::int32_t index = wanted ? *wanted : choose_partition(topic, record.key);
  Partition& partition = partition_of(topic, index);
  RecordBuffer& buffer = partition.buffer;
  const bool opens = !buffer.has_room_for(bytes);
  if (opens && !make_room(partition, bytes, now)) return Placement::no_room;
  count_batched(partition, buffer.append(record, std::move(pending)));
  if (index == topic.sticky.current()) topic.sticky.appended(bytes);

  // Only these two can bring forward the time at which something is to be done.
  if (opens || !buffer.half_full()) {
    wake_at(buffer.wants_identity() ? runtime_.now() : buffer.sendable_at({}, leaders[static_cast<std::size_t>(index)]));
  }
  return Placement::placed;
}

std::size_t Producer::Core::memory_used() const {
  const std::size_t bookkeeping = outcomes_.undelivered() * sizeof(PendingRecord);
  return batch_memory_ + (bookkeeping > free_bookkeeping ? bookkeeping - free_bookkeeping : 0);
}

// Seals the open batch, if any, and opens another, if buffer.memory allows: a batch takes batch.size of it, however full it becomes.
bool Producer::Core::make_room(Partition& partition, std::size_t record_bytes, Time now) {
  const std::size_t memory =
      std::max(protocol::batch_header_size + record_bytes, std::min(config_.batch_size, config_.buffer_memory));
  if (memory + memory_used() > config_.buffer_memory) return false;
  tell_intake();
  batch_memory_ += memory;
  if (Batch* full = partition.buffer.newest_open()) sealer_.seal(*full, protocol::Cause::full, partition);
  partition.buffer.open(++last_batch_, now, memory);
  return true;
}

// Records for one topic follow one another, so the last one is looked at first.
Topic& Producer::Core::topic_named(std::string_view name) {
  if (last_topic_ && last_topic_->name == name) return *last_topic_;
  auto found = topics_.find(name);
  if (found == topics_.end()) {
    Topic topic{std::string(name),
                runtime_.topic_number(name),
                &metadata_.watch(name),
                StickyPartitioner(config_.batch_size),
                CompressionEstimate(config_.compression),
                {}};
    metrics_.topics[topic.number].name = name;
    found = topics_.emplace(std::string(name), std::move(topic)).first;
  }
  last_topic_ = &found->second;
  return *last_topic_;
}

Partition& Producer::Core::partition_of(Topic& topic, std::int32_t index) {
  const auto place = static_cast<std::size_t>(index);
  if (place >= topic.partitions.size()) topic.partitions.resize(place + 1);
  std::unique_ptr<Partition>& partition = topic.partitions[place];
  if (!partition)
    partition.reset(
        new Partition{{topic.name, index}, topic.number, *topic.known, RecordBuffer(config_, topic.estimate), topic.estimate});
  return *partition;
}

// The views lie in a vector of ours, valid until the next call.
std::span<const NewRecord::Header> Producer::Core::views_of(const std::vector<ProducerRecord::Header>& headers) {
  header_views_.clear();
  for (const ProducerRecord::Header& header : headers) header_views_.push_back({header.key, header.value});
  return header_views_;
}

// The journal gets one entry for a run of records that go the same way, so that a busy producer does not write two for each.
void Producer::Core::count_queued(const Topic& topic) {
  if (intake_.topic != topic.number) tell_intake();
  intake_.topic = topic.number;
  ++intake_.queued;
}

void Producer::Core::count_batched(const Partition& partition, const Batch& batch) {
  if (intake_.batch != batch.number) tell_intake();
  intake_.topic = partition.topic;
  intake_.partition = partition.name.partition;
  intake_.batch = batch.number;
  ++intake_.batched;
}

void Producer::Core::tell_intake() {
  const Intake run = std::exchange(intake_, {});
  if (run.queued > 0) runtime_.note({.event = Event::queued, .topic = run.topic, .count = run.queued});
  if (run.batched == 0) return;
  runtime_.note(
      {.event = Event::batched, .topic = run.topic, .partition = run.partition, .count = run.batched, .batch = run.batch});
}

}  // namespace acklab::producer
