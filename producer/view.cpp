#include "producer/view.h"

#include "producer/core.h"

namespace acklab::producer {

using protocol::Time;

std::string_view name(WaitsFor why) {
  switch (why) {
    case WaitsFor::answer:
      return "an answer";
    case WaitsFor::batch_before_it:
      return "the batch before it";
    case WaitsFor::leader:
      return "a leader";
    case WaitsFor::producer_id:
      return "a producer id";
    case WaitsFor::earlier_outcomes:
      return "the outcome of earlier batches";
    case WaitsFor::back_off:
      return "the end of its back-off";
    case WaitsFor::linger:
      return "more records";
    case WaitsFor::connection:
      break;
  }
  return "the connection";
}

namespace {

BatchView view_of(const Batch& batch, BatchView::State state, WaitsFor why, Time until = never) {
  return {.number = batch.number,
          .state = state,
          .records = batch.count(),
          .bytes = batch.size(),
          .producer = batch.identity.producer.id,
          .epoch = batch.identity.producer.epoch,
          .sequence = batch.identity.base_sequence,
          .attempts = batch.attempts,
          .waits_for = why,
          .until = until};
}

}  // namespace

// What holds the oldest queued batch back, in the order in which sendable_at() asks.
std::vector<BatchView> RecordBuffer::view(const Urgency& urgency, const Leader& leader, Time now) const {
  std::vector<BatchView> views;
  for (const Owned& batch : in_flight_) views.push_back(view_of(*batch, BatchView::State::in_flight, WaitsFor::answer));
  for (const Owned& batch : queue_) {
    const BatchView::State state = batch->open() ? BatchView::State::open : BatchView::State::sealed;
    if (batch != queue_.front()) {
      views.push_back(view_of(*batch, state, WaitsFor::batch_before_it));
      continue;
    }
    const Time sendable = sendable_at(urgency, leader);
    WaitsFor why = WaitsFor::connection;
    if (wants_identity()) {
      why = WaitsFor::producer_id;
    } else if (!leader.known()) {
      why = WaitsFor::leader;
    } else if (sendable == never) {
      why = WaitsFor::earlier_outcomes;
    } else if (sendable > now) {
      why = batch->retries > 0 ? WaitsFor::back_off : WaitsFor::linger;
    }
    const bool timed = why == WaitsFor::back_off || why == WaitsFor::linger;
    views.push_back(view_of(*batch, state, why, timed ? sendable : never));
  }
  return views;
}

ProducerView Producer::Core::view() const {
  ProducerView view{.now = runtime_.now(),
                    .memory_used = memory_used(),
                    .buffer_memory = config_.buffer_memory,
                    .waiting_records = waiting_.size(),
                    .requests_in_flight = 0,
                    .partitions = {}};
  for (const auto& [broker, sink] : sinks_) view.requests_in_flight += sink->in_flight();
  for (const auto& [name, topic] : topics_) {
    for (const auto& partition : topic.partitions) {
      if (!partition) continue;
      const Leader leader = metadata_.leader(name, partition->name.partition);
      view.partitions.push_back({partition->name, leader.broker, partition->buffer.view(urgency(), leader, runtime_.now())});
    }
  }
  return view;
}

}  // namespace acklab::producer
