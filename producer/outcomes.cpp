#include "producer/outcomes.h"

#include <utility>

namespace acklab::producer {

using protocol::ErrorCode;
using protocol::Event;

namespace {

Event event_of(Outcome::Kind kind) {
  switch (kind) {
    case Outcome::Kind::acked:
      return Event::acked;
    case Outcome::Kind::failed:
      return Event::failed;
    case Outcome::Kind::unknown:
      return Event::unknown;
    case Outcome::Kind::unanswered:
      break;
  }
  return Event::unanswered;
}

}  // namespace

Outcomes::~Outcomes() {
  if (destroyed_) *destroyed_ = true;
}

std::uint64_t Outcomes::expect_one() {
  ++undelivered_;
  return expected_++;
}

void Outcomes::ended(protocol::TopicNumber topic, std::int32_t partition, Batch batch, const End& end) {
  runtime_.note({.event = event_of(end.kind),
                 .code = end.code,
                 .topic = topic,
                 .partition = partition,
                 .offset = end.base_offset,
                 .count = batch.count(),
                 .batch = batch.number});
  count(end, batch.count());
  const protocol::Time now = runtime_.now();
  std::int64_t place = 0;
  for (PendingRecord& record : batch.records) {
    Outcome outcome{.kind = end.kind,
                    .code = end.code,
                    .partition = partition,
                    .offset = end.base_offset.known() ? end.base_offset + place : protocol::Offset{},
                    .latency = now - record.sent_at,
                    .attempts = batch.attempts};
    ended_.push_back({std::move(record), outcome});
    ++place;
  }
}

void Outcomes::failed(protocol::TopicNumber topic, WaitingRecord record, ErrorCode code) {
  const std::int32_t partition = record.record.partition.value_or(-1);
  runtime_.note({.event = Event::failed, .code = code, .topic = topic, .partition = partition, .count = 1});
  count({.kind = Outcome::Kind::failed}, 1);
  const Outcome outcome{.kind = Outcome::Kind::failed,
                        .code = code,
                        .partition = partition,
                        .offset = {},
                        .latency = runtime_.now() - record.pending.sent_at,
                        .attempts = 0};
  ended_.push_back({std::move(record.pending), outcome});
}

void Outcomes::flush(std::function<void()> done) {
  flushed_before_ = expected_;
  flushes_.push_back({expected_, undelivered_, std::move(done)});
}

void Outcomes::deliver() {
  bool destroyed = false;
  destroyed_ = &destroyed;
  for (const Ended& end : std::exchange(ended_, {})) {
    --undelivered_;
    for (Flush& flush : flushes_) {
      if (end.record.number < flush.before) --flush.waits_for;
    }
    if (end.record.callback) end.record.callback(end.outcome);
    if (destroyed) return;
  }
  while (!flushes_.empty() && flushes_.front().waits_for == 0) {
    const std::function<void()> done = std::move(flushes_.front().done);
    flushes_.pop_front();
    if (done) done();
    if (destroyed) return;
  }
  destroyed_ = nullptr;
}

void Outcomes::count(const End& end, std::int64_t records) {
  switch (end.kind) {
    case Outcome::Kind::acked:
    case Outcome::Kind::unanswered:
      metrics_.records_sent += records;
      break;
    case Outcome::Kind::failed:
      metrics_.records_failed += records;
      break;
    case Outcome::Kind::unknown:
      metrics_.records_unknown += records;
      break;
  }
}

}  // namespace acklab::producer
