// One timer for everybody who waits in a room: it is set for the earliest deadline, and left running when the one for whom it was set
// has left, because mostly everybody leaves early.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <utility>

#include "protocol/runtime/runtime.h"

namespace acklab::broker {

class DeadlineTimer {
 public:
  // `expired` deals with those who are due and calls arm() again.
  DeadlineTimer(protocol::Runtime& runtime, std::function<void()> expired) : runtime_(runtime), expired_(std::move(expired)) {}
  DeadlineTimer(const DeadlineTimer&) = delete;
  DeadlineTimer& operator=(const DeadlineTimer&) = delete;

  // To be called with the earliest deadline, whenever that may have become earlier.
  void arm(std::optional<protocol::Time> next) {
    if (!next || (timer_ && at_ <= *next)) return;
    at_ = *next;
    timer_ = runtime_.after(at_ - runtime_.now(), [this] {
      const auto running = std::move(timer_);
      expired_();
    });
  }

 private:
  protocol::Runtime& runtime_;
  std::function<void()> expired_;
  std::unique_ptr<protocol::Timer> timer_;
  protocol::Time at_{};
};

}  // namespace acklab::broker
