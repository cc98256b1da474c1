#include "producer/error_channel.h"

#include <algorithm>
#include <chrono>
#include <utility>

namespace acklab::producer {

void ErrorChannel::put(UndeliveredRecord record) {
  const std::lock_guard lock(mutex_);
  if (waiting_.size() == max_waiting) {
    waiting_.pop_front();
    ++dropped_;
  }
  waiting_.push_back(std::move(record));
  changed_.notify_one();
}

std::optional<UndeliveredRecord> ErrorChannel::next(Duration deadline) {
  const auto longest = std::min<Duration>(deadline, std::chrono::hours(24 * 365));
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, longest, [this] { return closed_ || !waiting_.empty(); });
  if (waiting_.empty()) return std::nullopt;
  UndeliveredRecord oldest = std::move(waiting_.front());
  waiting_.pop_front();
  return oldest;
}

std::uint64_t ErrorChannel::dropped() const {
  const std::lock_guard lock(mutex_);
  return dropped_;
}

void ErrorChannel::close() {
  const std::lock_guard lock(mutex_);
  closed_ = true;
  changed_.notify_all();
}

}  // namespace acklab::producer
