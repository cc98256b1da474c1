#include "producer/core.h"

#include <algorithm>

#include "producer/retry.h"
#include "producer/send_error.h"
#include "producer/split.h"

namespace acklab::producer {

using protocol::ErrorCode;
using protocol::Event;
using protocol::MetadataRequest;
using protocol::MetadataResponse;
using protocol::Time;

Producer::Core::Core(protocol::Runtime& runtime, std::vector<protocol::Address> bootstrap, ProducerConfig config)
    : runtime_(runtime),
      config_(std::move(config)),
      metric_windows_(config_, runtime.now()),
      began_(runtime.now()),
      sticky_random_(runtime.random("sticky partition")),
      retry_random_(runtime.random("retry back-off")),
      any_broker_(runtime, config_, std::move(bootstrap)),
      metadata_(config_, runtime.random("metadata back-off")),
      identities_(runtime, config_, any_broker_,
                  [this] {
                    waiting_may_be_placed_ = true;
                    wake();
                  }),
      outcomes_(runtime, metrics_),
      sealer_(runtime, config_, metrics_) {}

void Producer::Core::flush(std::function<void()> done) {
  outcomes_.flush(std::move(done));
  wake();
}

void Producer::Core::turn() {
  timer_.reset();
  wakes_at_ = never;
  const Time now = runtime_.now();
  metric_windows_.roll(now, metrics_);

  tell_intake();
  expire(now);
  if (waiting_may_be_placed_) place_waiting();
  give_identities();
  const Time next = send_ready(now);
  ask_questions(now);

  wake_at(std::min({next, metadata_.ask_at(), identities_.ask_at(), close_idle()}));
  if (waiting_.size() > 0) wake_at(waiting_.oldest() + config_.max_block);
  std::function<void()> room;
  if (told_no_room_ && has_room()) {
    told_no_room_ = false;
    room = room_;
  }
  if (!outcomes_.deliver()) return;  // this is gone
  if (room) room();
}

void Producer::Core::expire(Time now) {
  for (WaitingRecord& waiting : waiting_.expire(now - config_.max_block)) {
    const protocol::TopicNumber topic = topic_named(waiting.record.topic).number;
    outcomes_.failed(topic, waiting.record.partition, std::move(waiting.pending), ErrorCode::request_timed_out);
    ++metrics_.records_expired;
    ++metrics_.buffer_exhausted;
  }
  for (auto& [name, topic] : topics_) {
    for (const auto& partition : topic.partitions) {
      if (!partition || partition->buffer.expires_at() > now) continue;
      for (auto& batch : partition->buffer.expire(now)) {
        runtime_.note({.event = Event::expired,
                       .topic = partition->topic,
                       .partition = partition->name.partition,
                       .count = batch->count(),
                       .batch = batch->number});
        metrics_.records_expired += batch->count();
        const End how{.kind = ending(batch->indefinite, config_), .code = ErrorCode::request_timed_out};
        end(*partition, std::move(batch), how);
      }
    }
  }
}

void Producer::Core::place_waiting() {
  waiting_may_be_placed_ = false;
  waiting_.retry([this](WaitingRecord& waiting) { return place(waiting); });
  tell_intake();
}

void Producer::Core::give_identities() {
  if (const auto code = fatal_error()) return abandon(*code);
  for (auto& [name, topic] : topics_) {
    for (const auto& partition : topic.partitions) {
      if (!partition || !partition->buffer.wants_identity()) continue;
      const ProducerIdentity old = partition->buffer.identity();
      const ProducerIdentity next = identities_.after(old);
      if (!next.known()) continue;
      partition->buffer.start(next);
      if (old.known()) {
        runtime_.note({.event = Event::bumped,
                       .topic = partition->topic,
                       .partition = partition->name.partition,
                       .producer = next.id,
                       .producer_epoch = next.epoch});
      }
      if (config_.unsafe_variant == UnsafeVariant::bumps_every_partition && old.known()) end_other_epochs(*partition);
    }
  }
}

// Only an unsafe variant does: a gap is the business of its partition alone.
void Producer::Core::end_other_epochs(const Partition& bumped) {
  for (auto& [name, topic] : topics_) {
    for (const auto& partition : topic.partitions) {
      if (partition && partition.get() != &bumped && partition->buffer.identity() < bumped.buffer.identity()) {
        partition->buffer.end_epoch();
      }
    }
  }
}

// After a fatal error nothing more is sent. What is in flight ends when it comes back.
void Producer::Core::abandon(ErrorCode code) {
  for (auto& [name, topic] : topics_) {
    for (const auto& partition : topic.partitions) {
      if (!partition) continue;
      for (auto& batch : partition->buffer.abandon_queue()) {
        const End how{.kind = ending(batch->indefinite, config_), .code = code};
        end(*partition, std::move(batch), how);
      }
    }
  }
}

// Returns when something could be sent, or would expire, that cannot now.
Time Producer::Core::send_ready(Time now) {
  const Urgency urgency = this->urgency();
  Time next = never;
  for (auto& [name, topic] : topics_) {
    const std::vector<Leader>& leaders = metadata_.partitions(name);
    for (const auto& partition : topic.partitions) {
      if (!partition) continue;
      next = std::min(next, partition->buffer.expires_at());
      if (!partition->buffer.has_queued()) continue;
      const auto index = static_cast<std::size_t>(partition->name.partition);
      const Leader leader = index < leaders.size() ? leaders[index] : Leader{};
      if (!metadata_.brokers().contains(leader.broker)) {
        metadata_.ask_for_what_is_missing();
        continue;
      }
      const Time sendable_at = partition->buffer.sendable_at(urgency, leader);
      if (sendable_at <= now) {
        sink(leader.broker).offer(*partition, leader);
      } else {
        next = std::min(next, sendable_at);
      }
    }
  }
  for (auto& [broker, sink] : sinks_) {
    const auto address = metadata_.brokers().find(broker);
    if (address != metadata_.brokers().end()) next = std::min(next, sink->send_offered(urgency, address->second));
  }
  return next;
}

void Producer::Core::ask_questions(Time now) {
  if (metadata_.ask_at() <= now) {
    rest_topics(now);
    if (metadata_.heard_nothing_new()) any_broker_.try_another();
    any_broker_.ask<MetadataRequest, MetadataResponse>(metadata_.ask(now), [this](auto answer) { take_metadata(answer); });
  }
  if (identities_.ask_at() <= now) identities_.ask();
}

// A topic that no record was sent to for metadata.max.idle.ms is asked about no more, until one is (KIP-526).
void Producer::Core::rest_topics(Time now) {
  for (auto& [name, topic] : topics_) {
    if (now - topic.last_used < config_.metadata_max_idle || waiting_.holds_up(name)) continue;
    const bool busy = std::any_of(topic.partitions.begin(), topic.partitions.end(), [](const auto& partition) {
      return partition && (partition->buffer.has_queued() || partition->buffer.in_flight_count() > 0);
    });
    if (!busy) metadata_.rest(name);
  }
}

Time Producer::Core::close_idle() {
  Time next = any_broker_.close_if_idle();
  for (auto& [broker, sink] : sinks_) next = std::min(next, sink->close_if_idle());
  return next;
}

void Producer::Core::wake_at(Time when) {
  if (when >= wakes_at_) return;
  wakes_at_ = std::max(when, runtime_.now());
  timer_ = runtime_.after(wakes_at_ - runtime_.now(), [this] { turn(); });
}

void Producer::Core::take_answers(const std::vector<BatchAnswer>& answers) {
  metric_windows_.roll(runtime_.now(), metrics_);
  for (const BatchAnswer& answer : answers) take_answer(answer);
  // A fault of the connection is about to reach the other requests on it as well; the turn comes when all have heard.
  const bool fault = std::any_of(answers.begin(), answers.end(), [](const BatchAnswer& a) { return a.answer.fault.has_value(); });
  fault ? wake() : turn();
}

void Producer::Core::take_answer(const BatchAnswer& answer) {
  Partition& partition = *answer.partition;
  RecordBuffer& buffer = partition.buffer;
  Batch* batch = buffer.in_flight(answer.batch);
  if (!batch) return;  // it expired, and was told so

  if (config_.acks == protocol::Acks::none && !answer.answer.fault) {
    return end(partition, buffer.release_acknowledged(*batch), {.kind = Outcome::Kind::unanswered});
  }
  if (answer.answer.fault == protocol::ChannelFault::not_written) --batch->attempts;
  if (asks_for_metadata(answer.answer)) metadata_.ask_again();

  const Time now = runtime_.now();
  const Situation situation{.retries = batch->retries,
                            .indefinite = batch->indefinite,
                            .expired = now >= batch->created + config_.delivery_timeout,
                            .idempotent = batch->identity.known(),
                            .oldest = buffer.is_oldest_unsettled(*batch),
                            .records = batch->count(),
                            .log_start_passed = answer.log_start > partition.last_acked};
  const Step step = next_step(answer.answer, situation, config_);
  if (proof_of(answer.answer, config_.acks) == Proof::none) batch->indefinite = true;

  if (step == Step::complete) {
    if (answer.base_offset.known()) partition.last_acked = answer.base_offset + (batch->count() - 1);
    return end(partition, buffer.release_acknowledged(*batch), {.kind = Outcome::Kind::acked, .base_offset = answer.base_offset});
  }
  if (step == Step::split) return split_up(partition, *batch);
  if (step == Step::give_up || step == Step::fatal) {
    if (step == Step::fatal) stop_for(answer.answer.code);
    const End how{.kind = ending(batch->indefinite, config_), .code = answer.answer.code};
    return end(partition, buffer.release_given_up(*batch), how);
  }

  metrics_.record_retries += batch->count();
  metrics_.topics[partition.topic].record_retries += batch->count();
  const Duration pause = back_off(batch->retries + 1, config_.retry_backoff, config_.retry_backoff_max, retry_random_);
  // First the deed, then the word: who hears of it and looks inside finds the batch in the queue.
  step == Step::rename ? buffer.put_back_unnamed(*batch, now + pause) : buffer.put_back(*batch, now + pause);
  runtime_.note({.event = Event::retried,
                 .code = answer.answer.code,
                 .topic = partition.topic,
                 .partition = partition.name.partition,
                 .count = batch->count(),
                 .batch = batch->number,
                 .pause = pause});
}

void Producer::Core::stop_for(ErrorCode code) {
  // Before 2.7 this code stood in for PRODUCER_FENCED.
  if (!fatal_error_) fatal_error_ = code == ErrorCode::invalid_producer_epoch ? ErrorCode::producer_fenced : code;
  waiting_may_be_placed_ = true;
}

void Producer::Core::split_up(Partition& partition, Batch& batch) {
  ++metrics_.batch_splits;
  partition.estimate.start_over();
  auto pieces = split(batch, config_.batch_size, config_.compression, [this] { return ++last_batch_; });
  for (const auto& piece : pieces) {
    runtime_.note({.event = Event::sealed,
                   .cause = protocol::Cause::full,
                   .topic = partition.topic,
                   .partition = partition.name.partition,
                   .count = piece->count(),
                   .batch = piece->number});
  }
  partition.buffer.put_back_pieces(batch, std::move(pieces));
}

void Producer::Core::end(Partition& partition, std::unique_ptr<Batch> batch, const End& end) {
  batch_memory_ -= batch->memory;
  waiting_may_be_placed_ = true;
  outcomes_.ended(partition.topic, partition.name.partition, std::move(*batch), end);
}

void Producer::Core::take_metadata(const protocol::Result<MetadataResponse, protocol::ChannelFault>& answer) {
  if (!answer) {
    metadata_.not_answered();
    return wake();
  }
  metadata_.answered(*answer, runtime_.now());
  any_broker_.know(metadata_.brokers());
  waiting_may_be_placed_ = true;
  turn();
}

std::vector<Metric> Producer::Core::snapshot() const {
  Gauges gauges{.buffer_total = config_.buffer_memory,
                .buffer_available = config_.buffer_memory - std::min(memory_used(), config_.buffer_memory),
                .waiting_records = waiting_.size(),
                .metadata_age = runtime_.now() - metadata_.learned_at().value_or(began_)};
  for (const auto& [broker, sink] : sinks_) {
    gauges.requests_in_flight += sink->in_flight();
    if (sink->connected()) ++gauges.connections;
  }
  return producer::snapshot(metrics_, metric_windows_, gauges, config_.client_id, runtime_.now());
}

Sink& Producer::Core::sink(protocol::BrokerId broker) {
  std::unique_ptr<Sink>& sink = sinks_[broker];
  if (!sink) {
    sink = std::make_unique<Sink>(runtime_, config_, sealer_, metrics_, broker,
                                  Sink::Owner{.changed = [this] { wake(); },
                                              .disconnected =
                                                  [this] {
                                                    metadata_.ask_again();
                                                    wake();
                                                  },
                                              .answered = [this](const auto& answers) { take_answers(answers); }});
  }
  return *sink;
}

}  // namespace acklab::producer
