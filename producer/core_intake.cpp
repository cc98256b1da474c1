// From a record to a batch: refused, placed, or waiting.
#include "producer/core.h"
#include "producer/partitioner.h"
#include "protocol/records/batch_builder.h"

namespace acklab::producer {

using protocol::ErrorCode;
using protocol::Event;
using protocol::NewRecord;
using protocol::Time;

void Producer::Core::send(ProducerRecord record, Callback callback) {
  if (record.timestamp < 0) record.timestamp = runtime_.wall_now().milliseconds;
  const std::size_t bytes = upper_bound_of(view_of(record));
  runtime_.note({.event = Event::queued, .topic = topic_named(record.topic).number, .count = 1});
  WaitingRecord waiting{std::move(record), bytes, {std::move(callback), runtime_.now(), outcomes_.expect_one()}};

  if (const std::optional<ErrorCode> code = refusal(waiting)) {
    const protocol::TopicNumber topic = topic_named(waiting.record.topic).number;
    outcomes_.failed(topic, std::move(waiting), *code);
    return wake();
  }
  Placement placement = Placement::no_partition;
  if (!waiting_.holds_up(waiting.record.topic)) placement = place(waiting);
  if (placement == Placement::placed) return;
  waiting_.push(std::move(waiting), placement);
  wake();
}

// What is certain at once, whatever the cluster says.
std::optional<ErrorCode> Producer::Core::refusal(const WaitingRecord& waiting) const {
  if (waiting.record.partition.value_or(0) < 0) return ErrorCode::invalid_partitions;
  const std::size_t bytes = protocol::batch_header_size + waiting.bytes;
  if (bytes > config_.max_request_size || bytes > config_.buffer_memory) return ErrorCode::message_too_large;
  if (waiting_.size() >= max_waiting_records) return ErrorCode::request_timed_out;
  return std::nullopt;
}

Placement Producer::Core::place(WaitingRecord& waiting) {
  Topic& topic = topic_named(waiting.record.topic);
  const std::optional<ErrorCode> refusal = identities_.refusal() ? identities_.refusal() : metadata_.refusal(topic.name);
  if (refusal) {
    outcomes_.failed(topic.number, std::move(waiting), *refusal);
    metadata_.ask_for_what_is_missing();
    wake();
    return Placement::placed;
  }
  const std::vector<Leader>& leaders = metadata_.partitions(topic.name);
  if (leaders.empty() || waiting.record.partition.value_or(0) >= static_cast<std::int32_t>(leaders.size())) {
    metadata_.ask_for_what_is_missing();
    return Placement::no_partition;
  }

  const std::int32_t index = choose_partition(topic, waiting.record, leaders);
  Partition& partition = partition_of(topic, index);
  RecordBuffer& buffer = partition.buffer;
  const bool opens = !buffer.has_room_for(waiting.bytes);
  if (opens && !make_room(partition, waiting.bytes)) return Placement::no_room;
  buffer.append(view_of(waiting.record), std::move(waiting.pending));
  const std::uint64_t batch = buffer.newest_open()->number;
  runtime_.note({.event = Event::batched, .topic = topic.number, .partition = index, .count = 1, .batch = batch});
  if (index == topic.sticky.current()) topic.sticky.appended(waiting.bytes);

  // Only these two can bring forward the time at which something is to be done.
  if (opens || !buffer.half_full()) {
    wake_at(buffer.wants_identity() ? runtime_.now() : buffer.sendable_at({}, leaders[static_cast<std::size_t>(index)]));
  }
  return Placement::placed;
}

std::int32_t Producer::Core::choose_partition(Topic& topic, const ProducerRecord& record, const std::vector<Leader>& leaders) {
  if (record.partition) return *record.partition;
  if (record.key) return partition_for_key(*record.key, static_cast<std::int32_t>(leaders.size()));
  const auto current = static_cast<std::size_t>(topic.sticky.current());
  const Partition* partition = current < topic.partitions.size() ? topic.partitions[current].get() : nullptr;
  const Newest newest = partition && partition->buffer.half_full() ? Newest::half_full : Newest::none_or_full;
  return topic.sticky.next(newest, leaders, sticky_random_);
}

// Seals the open batch, if any, and opens another, if buffer.memory allows: a batch takes batch.size of it, however full it becomes.
bool Producer::Core::make_room(Partition& partition, std::size_t record_bytes) {
  const std::size_t memory =
      std::max(protocol::batch_header_size + record_bytes, std::min(config_.batch_size, config_.buffer_memory));
  if (memory > config_.buffer_memory - memory_used_) return false;
  memory_used_ += memory;
  if (Batch* full = partition.buffer.newest_open()) seal(*full, protocol::Cause::full, partition, runtime_);
  partition.buffer.open(++last_batch_, runtime_.now(), memory);
  return true;
}

Topic& Producer::Core::topic_named(const std::string& name) {
  const auto found = topics_.find(name);
  if (found != topics_.end()) return found->second;
  metadata_.watch(name);
  Topic topic{name, runtime_.topic_number(name), StickyPartitioner(config_.batch_size), {}};
  return topics_.emplace(name, std::move(topic)).first->second;
}

Partition& Producer::Core::partition_of(Topic& topic, std::int32_t index) {
  const auto place = static_cast<std::size_t>(index);
  if (place >= topic.partitions.size()) topic.partitions.resize(place + 1);
  std::unique_ptr<Partition>& partition = topic.partitions[place];
  if (!partition) partition.reset(new Partition{{topic.name, index}, topic.number, RecordBuffer(config_)});
  return *partition;
}

// The headers' views lie in a vector of ours, valid until the next call.
NewRecord Producer::Core::view_of(const ProducerRecord& record) {
  header_views_.clear();
  for (const ProducerRecord::Header& header : record.headers) header_views_.push_back({header.key, header.value});
  return {.timestamp = record.timestamp, .key = record.key, .value = record.value, .headers = header_views_};
}

}  // namespace acklab::producer
