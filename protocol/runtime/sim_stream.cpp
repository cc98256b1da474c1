#include "protocol/runtime/sim_stream.h"

#include <algorithm>
#include <utility>

namespace acklab::protocol {

Duration SimLink::draw_latency() {
  const Duration least = shape.latency + slowness.latency;
  if (shape.jitter <= Duration::zero()) return least;
  const std::int64_t extra = random.between(0, shape.jitter.count());
  return least + Duration(extra);
}

std::int64_t SimLink::bytes_per_second() const {
  if (shape.bytes_per_second == 0 || slowness.bytes_per_second == 0) {
    return std::max(shape.bytes_per_second, slowness.bytes_per_second);
  }
  return std::min(shape.bytes_per_second, slowness.bytes_per_second);
}

void SimStream::queue(Segment segment) {
  waiting_bytes_ += segment.bytes.size();
  waiting_.push(std::move(segment));
}

void SimStream::pump(Time now) {
  while (open_ && !waiting_.empty()) {
    Segment& next = waiting_.front();
    if (next.sent_at == Time::max()) return;
    const std::size_t room = window_ - in_window_;
    Segment taken;
    if (next.bytes.size() <= room) {
      taken = waiting_.pop();
    } else {
      if (room == 0) return;
      taken = {next.kind, next.bytes.part(0, room), next.sent_at, {}};
      next.bytes = next.bytes.from(room);
    }
    waiting_bytes_ -= taken.bytes.size();
    in_window_ += taken.bytes.size();
    route(taken, now);
    in_flight_.push(std::move(taken));
  }
}

void SimStream::route(Segment& segment, Time now) {
  Time leaves = std::max(segment.sent_at, now);
  if (const std::int64_t bytes_per_second = link_->bytes_per_second(); bytes_per_second > 0) {
    constexpr std::int64_t nanoseconds_per_second = 1'000'000'000;
    const auto size = static_cast<std::int64_t>(segment.bytes.size());
    leaves = std::max(leaves, link_->free_at) + Duration(size * nanoseconds_per_second / bytes_per_second);
    link_->free_at = leaves;
  }
  const Time arrives = leaves + link_->draw_latency();
  last_arrival_ = std::max(last_arrival_, arrives);
  segment.arrives = last_arrival_;
}

bool SimStream::held() const {
  if (link_->cut) return true;
  const SegmentKind kind = in_flight_.front().kind;
  return link_->stalled && kind != SegmentKind::opened && kind != SegmentKind::refused;
}

Segment SimStream::arrive() { return in_flight_.pop(); }

void SimStream::sender_resumed(Time now) {
  for (Segment& segment : waiting_) {
    if (segment.sent_at == Time::max()) segment.sent_at = now;
  }
  pump(now);
}

void SimStream::resend(Time now) {
  last_arrival_ = now;
  for (Segment& segment : in_flight_) route(segment, now);
}

bool SimStream::withdraw_after(Time now) {
  bool end_withdrawn = false;
  for (Fifo<Segment>* segments : {&waiting_, &in_flight_}) {
    while (!segments->empty() && segments->back().sent_at > now) {
      const Segment& last = segments->back();
      (segments == &waiting_ ? waiting_bytes_ : in_window_) -= last.bytes.size();
      end_withdrawn = end_withdrawn || last.kind == SegmentKind::end;
      segments->pop_back();
    }
  }
  last_arrival_ = in_flight_.empty() ? now : in_flight_.back().arrives;
  return end_withdrawn;
}

void SimStream::clear() {
  for (const Segment& segment : in_flight_) in_window_ -= segment.bytes.size();
  in_flight_.clear();
  waiting_.clear();
  waiting_bytes_ = 0;
}

}  // namespace acklab::protocol
