#include "producer/sink.h"

#include <algorithm>
#include <chrono>

#include "producer/connecting.h"

namespace acklab::producer {

using protocol::ChannelFault;
using protocol::Event;
using protocol::NodeId;
using protocol::Offset;
using protocol::ProduceRequest;
using protocol::ProduceResponse;
using protocol::RequestChannel;
using protocol::Time;

namespace {

// With acks=0 nothing tells when the broker has taken what was sent, so the bytes that the network has not taken yet are all that
// there is to hold back by. It does not say when it takes them either; this is how long to wait before looking again.
constexpr std::size_t max_unsent_bytes = 4u << 20;
constexpr Duration unsent_pause = std::chrono::milliseconds(5);

// By name and by id, if that is known: which of the two travels is decided by the version that the broker offers.
ProduceRequest::Topic& topic_in(ProduceRequest& request, const std::string& name, const protocol::Uuid& id) {
  // Batches come in the order of their partitions' names, but the round may have begun in the middle of a topic.
  for (ProduceRequest::Topic* topic :
       {request.topics.empty() ? nullptr : &request.topics.back(), request.topics.empty() ? nullptr : &request.topics.front()}) {
    if (topic && topic->name == name) return *topic;
  }
  ProduceRequest::Topic& topic = request.topics.emplace_back();
  topic.name = name;
  topic.topic_id = id;
  return topic;
}

}  // namespace

Sink::Sink(protocol::Runtime& runtime, const ProducerConfig& config, Sealer& sealer, ProducerMetrics& metrics,
           protocol::BrokerId broker, Owner owner)
    : runtime_(runtime),
      config_(config),
      sealer_(sealer),
      metrics_(metrics),
      broker_(broker),
      owner_(std::move(owner)),
      random_(runtime.random("reconnect to " + std::to_string(broker.value))),
      setup_random_(runtime.random("connect to " + std::to_string(broker.value))) {}

Time Sink::send_offered(const Urgency& urgency, const protocol::Address& address) {
  Time next = never;
  while (!offers_.empty()) {
    next = may_send_at(address);
    if (next > runtime_.now()) {
      unready_since_ = std::min(unready_since_, runtime_.now());
      break;
    }
    unready_since_ = never;
    next = never;
    const std::vector<Drained> drained = drain(urgency);
    if (drained.empty()) break;
    send_request(drained);
  }
  offers_.clear();
  return next;
}

Time Sink::close_if_idle() {
  if (!connected() || in_flight_ > 0) return never;
  const Time idle_at = last_used_ + config_.connections_max_idle;
  if (idle_at > runtime_.now()) return idle_at;
  channel_.reset();
  return never;
}

Time Sink::may_send_at(const protocol::Address& address) {
  if (!channel_) {
    if (reconnect_at_ > runtime_.now()) return reconnect_at_;
    connect(address);
  }
  if (!channel_->ready() || in_flight_ >= config_.max_in_flight) return never;
  if (channel_->unsent() > max_unsent_bytes) return runtime_.now() + unsent_pause;
  return throttled_until_;
}

void Sink::connect(const protocol::Address& address) {
  channel_ = std::make_unique<RequestChannel>(runtime_, address, channel_options(config_, failed_connections_, setup_random_),
                                              [this](ChannelFault) { connection_failed(); });
  channel_->on_ready([this] {
    failed_connections_ = 0;
    last_used_ = runtime_.now();
    owner_.changed();
  });
}

void Sink::connection_failed() {
  channel_.reset();
  ++failed_connections_;
  reconnect_at_ =
      runtime_.now() + back_off(failed_connections_, config_.reconnect_backoff, config_.reconnect_backoff_max, random_);
  owner_.disconnected();
}

std::vector<Sink::Drained> Sink::drain(const Urgency& urgency) {
  const auto behind_last = [&](const Offer& offer) { return !last_served_ || offer.partition->name > last_served_->name; };
  const auto begin = std::find_if(offers_.begin(), offers_.end(), behind_last) - offers_.begin();

  std::vector<Drained> drained;
  std::size_t bytes = 0;
  for (std::size_t i = 0; i < offers_.size(); ++i) {
    const auto& [partition, leader] = offers_[(static_cast<std::size_t>(begin) + i) % offers_.size()];
    if (partition->buffer.sendable_at(urgency, leader) > runtime_.now()) continue;
    Batch& oldest = partition->buffer.oldest();
    // A single batch may be larger than a request should be: compression was worse than hoped for. It travels alone.
    if (!drained.empty() && bytes + oldest.size() > config_.max_request_size) break;
    if (oldest.open()) sealer_.seal(oldest, partition->buffer.ready_because(urgency), *partition);
    bytes += oldest.size();
    const Batch& batch = *drained.emplace_back(Drained{partition, &partition->buffer.take(leader)}).batch;
    runtime_.note({.event = Event::drained,
                   .topic = partition->topic,
                   .partition = partition->name.partition,
                   .count = batch.count(),
                   .producer = batch.identity.producer.id,
                   .producer_epoch = batch.identity.producer.epoch,
                   .sequence = batch.identity.base_sequence,
                   .batch = batch.number});
  }
  if (!drained.empty()) last_served_ = drained.back().partition;
  return drained;
}

void Sink::send_request(const std::vector<Drained>& drained) {
  ProduceRequest request;
  request.acks = static_cast<std::int16_t>(config_.acks);
  request.timeout_ms =
      static_cast<std::int32_t>(std::chrono::duration_cast<std::chrono::milliseconds>(config_.request_timeout).count());
  std::vector<Sent> sent;
  sent.reserve(drained.size());
  for (const auto& [partition, batch] : drained) {
    topic_in(request, partition->name.topic, partition->known.id).partitions.push_back({partition->name.partition, batch->bytes});
    sent.push_back({partition, batch->number, partition->known.id});
  }
  count(drained);
  ++in_flight_;
  last_used_ = runtime_.now();

  const std::uint64_t connection = channel_->connection_id();
  const std::int32_t correlation = channel_->next_correlation();
  if (config_.acks == protocol::Acks::none) {
    channel_->send_without_answer<ProduceRequest>(
        request, [this, sent = std::move(sent)](const Written& result) { written(sent, result); });
  } else {
    channel_->send<ProduceRequest, ProduceResponse>(
        request, [this, sent = std::move(sent), sent_at = runtime_.now()](const Answered& result) {
          if (result) count_answer((runtime_.now() - sent_at).count(), *result);
          answered(sent, result);
        });
  }
  for (const auto& [partition, batch] : drained) {
    runtime_.note({.event = Event::sent,
                   .topic = partition->topic,
                   .partition = partition->name.partition,
                   .count = batch->count(),
                   .producer = batch->identity.producer.id,
                   .producer_epoch = batch->identity.producer.epoch,
                   .sequence = batch->identity.base_sequence,
                   .batch = batch->number,
                   .connection = connection,
                   .correlation = correlation,
                   .peer = NodeId::broker(broker_)});
  }
}

void Sink::count(const std::vector<Drained>& drained) {
  std::int64_t request_bytes = 0;
  for (const auto& [partition, batch] : drained) {
    const auto bytes = static_cast<std::int64_t>(batch->size());
    request_bytes += bytes;
    ++metrics_.batches;
    metrics_.batched_records += batch->count();
    metrics_.batch_size.record(bytes);
    metrics_.batch_records.record(batch->count());
    if (batch->attempts == 1) metrics_.queue_time.record((runtime_.now() - batch->created).count());
    TopicCounts& topic = metrics_.topics[partition->topic];
    topic.records += batch->count();
    topic.bytes += bytes;
  }
  ++metrics_.requests;
  metrics_.batch_bytes += request_bytes;
  metrics_.request_size.record(request_bytes);
  NodeCounts& node = metrics_.nodes[broker_];
  ++node.requests;
  node.request_bytes += request_bytes;
}

void Sink::count_answer(std::int64_t nanoseconds, const ProduceResponse& response) {
  ++metrics_.responses;
  metrics_.request_latency.record(nanoseconds);
  metrics_.throttle_time.record(Duration(std::chrono::milliseconds(response.throttle_time_ms)).count());
  NodeCounts& node = metrics_.nodes[broker_];
  ++node.responses;
  node.latency.record(nanoseconds);
}

void Sink::written(const std::vector<Sent>& sent, const Written& result) {
  --in_flight_;
  last_used_ = runtime_.now();
  const Answer answer = result ? Answer::of(protocol::ErrorCode::none) : Answer::of(result.error());
  std::vector<BatchAnswer> answers;
  for (const Sent& batch : sent) answers.push_back({batch.partition, batch.batch, answer, Offset{}, Offset{}});
  owner_.answered(std::move(answers));
}

void Sink::answered(const std::vector<Sent>& sent, const Answered& result) {
  --in_flight_;
  last_used_ = runtime_.now();
  // A batch that the answer does not speak of has none.
  const Answer missing = Answer::of(result ? ChannelFault::malformed : result.error());
  std::vector<BatchAnswer> answers;
  for (const Sent& batch : sent) answers.push_back({batch.partition, batch.batch, missing, Offset{}, Offset{}});
  if (result) {
    throttled_until_ = std::max(throttled_until_, runtime_.now() + std::chrono::milliseconds(result->throttle_time_ms));
    // Answers come in the order of the request from every broker we know, so the first place to look is the right one.
    std::size_t place = 0;
    for (const ProduceResponse::Topic& topic : result->topics) {
      for (const ProduceResponse::Partition& partition : topic.partitions) {
        for (std::size_t looked = 0; looked < answers.size(); ++looked) {
          BatchAnswer& answer = answers[place];
          const protocol::Uuid& id = sent[place].topic;
          place = (place + 1) % answers.size();
          const bool same_topic = topic.topic_id.is_zero() ? topic.name == answer.partition->name.topic : topic.topic_id == id;
          if (!same_topic || answer.partition->name.partition != partition.index) continue;
          answer.answer = Answer::of(partition.error_code);
          answer.base_offset = {partition.base_offset};
          answer.log_start = {partition.log_start_offset};
          break;
        }
      }
    }
  }
  owner_.answered(std::move(answers));
}

}  // namespace acklab::producer
