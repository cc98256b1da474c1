// The node that keeps time for delayed faults and writes into the journal that one has fired. It never opens a connection.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>

#include "protocol/runtime/runtime.h"
#include "protocol/runtime/world.h"

namespace acklab::broker {

class Director final : public protocol::Process {
 public:
  explicit Director(protocol::Runtime& runtime) : runtime_(runtime) {}

  void after(protocol::Duration delay, std::function<void()> task) {
    const std::uint64_t number = next_timer_++;
    timers_[number] = runtime_.after(delay, [this, number, task = std::move(task)] {
      const auto timer = timers_.extract(number);  // it is running: gone when this returns
      task();
    });
  }
  void note(const protocol::Entry& entry) { runtime_.note(entry); }

 private:
  protocol::Runtime& runtime_;
  std::uint64_t next_timer_ = 0;
  std::map<std::uint64_t, std::unique_ptr<protocol::Timer>> timers_;
};

}  // namespace acklab::broker
