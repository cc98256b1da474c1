#include "broker/session.h"

#include <fmt/format.h>

#include <utility>

#include "broker/config.h"

namespace acklab::broker {

using protocol::Bytes;
using protocol::CloseReason;
using protocol::Slice;

Session::Session(std::unique_ptr<protocol::Connection> connection, std::size_t max_request_bytes, Serve serve, Ended ended)
    : connection_(std::move(connection)),
      id_(connection_->id()),
      peer_(connection_->peer()),
      serve_(std::move(serve)),
      ended_(std::move(ended)),
      framer_(max_request_bytes) {
  connection_->on({.opened = {},
                   .received = [this](Slice bytes) { received(std::move(bytes)); },
                   .closed = [this](CloseReason reason) { peer_closed(reason); }});
}

bool Session::answer(Bytes frame) {
  CHECK(serving_);
  serving_ = false;
  if (peer_is_gone_ || closing_) {
    go_on();
    return false;
  }
  connection_->send(std::move(frame));
  if (connection_->unsent() > max_unsent_response_bytes) closing_ = "does not read its answers";
  go_on();
  return true;
}

void Session::answer_nothing() {
  CHECK(serving_);
  serving_ = false;
  go_on();
}

void Session::close(std::string reason) {
  serving_ = false;
  closing_ = std::move(reason);
  go_on();
}

void Session::hold(Bytes frame) {
  CHECK(serving_);
  held_ = std::move(frame);
  go_on();
}

void Session::release() {
  if (held_) answer(*std::exchange(held_, std::nullopt));
}

void Session::received(Slice bytes) {
  framer_.feed(std::move(bytes));
  take_frames();
  go_on();
}

void Session::peer_closed(CloseReason reason) {
  peer_is_gone_ = true;
  // A broken connection takes with it what was not read yet. After an orderly end everything that was sent has arrived, and is
  // served: a producer with acks=0 may write and close.
  if (reason != CloseReason::end_of_stream) broken_ = true;
  go_on();
}

void Session::take_frames() {
  const auto full = [this] { return frames_.size() >= max_pipelined_requests || frame_bytes_ >= max_pipelined_bytes; };
  while (!unreadable_ && !full()) {
    auto frame = framer_.next();
    if (!frame) {
      unreadable_ = frame.error();
      break;
    }
    if (!frame->has_value()) break;
    frame_bytes_ += (*frame)->size();
    frames_.push_back(**std::move(frame));
  }
  if (full() == reading_paused_) return;
  reading_paused_ = full();
  reading_paused_ ? connection_->pause_reading() : connection_->resume_reading();
}

// Serves what waits until a request is parked or nothing is left. A loop and not a recursion through answer(), because thousands of
// requests may be waiting. The last thing that it does may be to end the session.
void Session::go_on() {
  if (going_on_) return;
  going_on_ = true;
  while (!serving_ && !closing_ && !broken_ && !frames_.empty()) {
    Slice frame = std::move(frames_.front());
    frames_.pop_front();
    frame_bytes_ -= frame.size();
    take_frames();
    serving_ = true;
    serve_(id_, std::move(frame));
  }
  going_on_ = false;

  if (closing_) return end(*std::move(closing_));
  if (held_ && peer_is_gone_) return end("closed by the client while its answer was held back");
  if (broken_) return end({});
  if (serving_ || !frames_.empty()) return;
  if (unreadable_) return end(*std::move(unreadable_));
  if (peer_is_gone_) return end({});
}

void Session::end(std::optional<std::string> why) {
  connection_.reset();
  const Ended ended = std::move(ended_);
  ended(id_, std::move(why));
}

Sessions::Sessions(protocol::Runtime& runtime, BrokerMetrics& metrics, std::size_t max_request_bytes, Session::Serve serve,
                   Log log)
    : runtime_(runtime),
      metrics_(metrics),
      max_request_bytes_(max_request_bytes),
      serve_(std::move(serve)),
      log_(std::move(log)) {
  metrics_.connections.set(0);
}

void Sessions::add(std::unique_ptr<protocol::Connection> connection) {
  const std::uint64_t id = connection->id();
  sessions_.try_emplace(id, std::move(connection), max_request_bytes_, serve_,
                        [this](std::uint64_t ended, const std::optional<std::string>& why) {
                          if (log_ && why) log_(fmt::format("connection {} ended: {}", ended, *why));
                          sessions_.erase(ended);
                          metrics_.connections.set(static_cast<std::int64_t>(sessions_.size()));
                        });
  metrics_.connections.set(static_cast<std::int64_t>(sessions_.size()));
}

Session* Sessions::find(std::uint64_t connection) {
  const auto found = sessions_.find(connection);
  return found == sessions_.end() ? nullptr : &found->second;
}

void Sessions::hold(std::uint64_t connection, Bytes frame, std::optional<protocol::Duration> by) {
  find(connection)->hold(std::move(frame));  // which may have ended it
  if (!by) return;
  later(*by, [this, connection] {
    if (Session* session = find(connection)) session->release();
  });
}

void Sessions::later(protocol::Duration delay, std::function<void()> task) {
  const std::uint64_t number = next_timer_++;
  timers_[number] = runtime_.after(delay, [this, number, task = std::move(task)] {
    const auto timer = timers_.extract(number);  // it is running: gone when this returns
    task();
  });
}

}  // namespace acklab::broker
