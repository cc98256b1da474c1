#include "tools/lab/workload.h"

#include <span>

#include <fmt/format.h>

#include "protocol/records/crc32c.h"
#include "protocol/runtime/random.h"
#include "tools/lab/verdict.h"

namespace acklab::lab {

using protocol::Duration;

Values Values::generated(std::uint64_t seed) {
  Values values;
  values.seed_ = seed;
  return values;
}

Values Values::lines(std::shared_ptr<const std::vector<std::string>> lines) {
  CHECK(lines && !lines->empty());
  Values values;
  values.lines_ = std::move(lines);
  return values;
}

std::string Values::value(std::int64_t record) const {
  if (lines_) return (*lines_)[static_cast<std::size_t>(record) % lines_->size()];
  protocol::Random random = protocol::Random::stream(seed_, "order", record);
  const std::uint64_t customer = random.below(500);
  const std::uint64_t quantity = 1 + random.below(9);
  const std::uint64_t cents = 99 + random.below(20000);
  return fmt::format(R"({{"order":{},"customer":"c-{:03}","quantity":{},"price":{}.{:02}}})", record, customer, quantity,
                     cents / 100, cents % 100);
}

Workload::Workload(protocol::Runtime& runtime, std::vector<protocol::Address> bootstrap, WorkloadConfig config, Ledger& ledger)
    : runtime_(runtime),
      config_(std::move(config)),
      ledger_(ledger),
      producer_(std::make_unique<producer::Producer>(runtime, std::move(bootstrap), config_.producer)),
      began_(runtime.now()) {
  ledger_.sends.reserve(static_cast<std::size_t>(config_.records));
  timer_ = runtime_.after(Duration::zero(), [this] { pump(); });
}

namespace {

// What is known of a record that was sent twice. One indefinite attempt that no acknowledgement follows makes it unknown for ever.
producer::Outcome known_of_both(const producer::Outcome& before, const producer::Outcome& after) {
  using enum producer::Outcome::Kind;
  if (after.kind == acked) return after;
  if (before.kind == acked || before.kind == unanswered) return before;
  producer::Outcome known = after;
  if (before.kind == unknown) known.kind = unknown;
  return known;
}

}  // namespace

// Sends all records that are due, then sleeps until the next one is.
void Workload::pump() {
  while (next_ < config_.records) {
    if (config_.rate > 0) {
      const Duration due{static_cast<std::int64_t>(static_cast<double>(next_) * 1e9 / config_.rate)};
      const Duration wait = began_ + due - runtime_.now();
      if (wait > Duration::zero()) {
        timer_ = runtime_.after(wait, [this] { pump(); });
        return;
      }
    }
    // The next outcome goes on.
    if (next_ - ledger_.settled.load(std::memory_order_relaxed) >= static_cast<std::int64_t>(max_open_records)) return;
    send_next();
  }
}

void Workload::send_next() {
  const std::size_t place = ledger_.sends.size();
  Send& send_now = ledger_.sends.emplace_back();
  send_now.record = ledger_.first_record + next_;
  send_now.sent = runtime_.now();
  ++next_;
  send(place);
}

void Workload::send(std::size_t place) {
  const std::int64_t record = ledger_.sends[place].record;
  producer::ProducerRecord out;
  out.topic = config_.topic;
  if (config_.keys > 0) out.key = fmt::format("k-{}", record % config_.keys);
  out.value = config_.values.value(record);
  ledger_.sends[place].checksum = protocol::crc32c(std::as_bytes(std::span(*out.value)));
  out.headers.push_back({std::string(id_header), record_name(record)});
  producer_->send(out, [this, place](const producer::Outcome& outcome) { told(place, outcome); });
}

// What is sent again settles with its last attempt.
void Workload::told(std::size_t place, const producer::Outcome& outcome) {
  Send& send_told = ledger_.sends[place];
  const bool first = send_told.resends == 0 && send_told.copies == 0;
  send_told.outcome = first ? outcome : known_of_both(send_told.outcome, outcome);
  if (config_.resend && outcome.kind == producer::Outcome::Kind::unknown && send_told.resends < max_resends) {
    ++send_told.resends;
    return send(place);
  }
  if (++send_told.copies < config_.copies) return send(place);
  send_told.settled = true;
  send_told.told = runtime_.now();
  if (outcome.kind == producer::Outcome::Kind::acked) ledger_.acked.fetch_add(1, std::memory_order_relaxed);
  ledger_.settled.fetch_add(1, std::memory_order_release);
  if (config_.rate <= 0 && next_ < config_.records) pump();
}

}  // namespace acklab::lab
