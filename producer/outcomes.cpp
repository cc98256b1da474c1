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
  add(topic, std::move(batch.records),
      {.kind = end.kind,
       .code = end.code,
       .partition = partition,
       .offset = end.base_offset,
       .latency = {},
       .attempts = batch.attempts});
}

void Outcomes::failed(protocol::TopicNumber topic, std::optional<std::int32_t> partition, PendingRecord record, ErrorCode code) {
  const std::int32_t named = partition.value_or(-1);
  runtime_.note({.event = Event::failed, .code = code, .topic = topic, .partition = named, .count = 1});
  std::vector<PendingRecord> records;
  records.push_back(std::move(record));
  add(topic, std::move(records),
      {.kind = Outcome::Kind::failed, .code = code, .partition = named, .offset = {}, .latency = {}, .attempts = 0});
}

void Outcomes::add(protocol::TopicNumber topic, std::vector<PendingRecord> records, const Outcome& outcome) {
  const auto count = static_cast<std::int64_t>(records.size());
  switch (outcome.kind) {
    case Outcome::Kind::acked:
    case Outcome::Kind::unanswered:
      metrics_.records_sent += count;
      break;
    case Outcome::Kind::failed:
      metrics_.records_failed += count;
      metrics_.topics[topic].record_errors += count;
      break;
    case Outcome::Kind::unknown:
      metrics_.records_unknown += count;
      metrics_.topics[topic].record_errors += count;
      break;
  }
  ended_.push_back({std::move(records), outcome});
}

void Outcomes::flush(std::function<void()> done) {
  flushed_before_ = expected_;
  flushes_.push_back({expected_, undelivered_, runtime_.now(), std::move(done)});
}

bool Outcomes::deliver() {
  if (ended_.empty() && flushes_.empty()) return true;
  bool destroyed = false;
  destroyed_ = &destroyed;
  const protocol::Time now = runtime_.now();
  std::vector<Ended> ended = std::exchange(ended_, {});
  for (Ended& end : ended) {
    if (!tell(end, now, destroyed)) return false;
  }
  while (!flushes_.empty() && flushes_.front().waits_for == 0) {
    metrics_.flush_time += (now - flushes_.front().began).count();
    const std::function<void()> done = std::move(flushes_.front().done);
    flushes_.pop_front();
    if (done) done();
    if (destroyed) return false;
  }
  destroyed_ = nullptr;
  return true;
}

bool Outcomes::tell(Ended& end, protocol::Time now, const bool& destroyed) {
  Outcome& outcome = end.outcome;
  for (PendingRecord& record : end.records) {
    --undelivered_;
    for (Flush& flush : flushes_) {
      if (record.number < flush.before) --flush.waits_for;
    }
    outcome.latency = now - record.sent_at;
    metrics_.send_latency.record(outcome.latency.count());
    if (record.callback) record.callback(outcome);
    if (destroyed) return false;
    if (outcome.offset.known()) outcome.offset += 1;
  }
  return true;
}

}  // namespace acklab::producer
