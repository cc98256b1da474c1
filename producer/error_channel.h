// Where the records go that were not delivered: a bounded queue that another thread reads, like sarama's Errors(). For an application
// that sends without callbacks and still wants to hear of every record that failed, and to have it back.
//
// Sarama's producer stops when nobody reads its channel. This one drops the oldest entry and counts it: a log of errors that nobody
// reads must not stop the deliveries.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <string>

#include "producer/producer.h"

namespace acklab::producer {

// A record that has ended without an acknowledgement, and how.
struct UndeliveredRecord {
  std::string topic;
  std::optional<std::int32_t> partition;  // where it was to go: named by the application, or chosen
  std::optional<std::string> key;
  std::optional<std::string> value;
  Outcome outcome;  // failed or unknown
};

class ErrorChannel {
 public:
  // Entries that wait to be read.
  static constexpr std::size_t max_waiting = 10'000;

  // Any thread may call these.
  void put(UndeliveredRecord record);
  // The oldest entry; nothing if none comes before the deadline, or the channel is closed and empty.
  std::optional<UndeliveredRecord> next(Duration deadline);
  std::uint64_t dropped() const;  // entries that nobody read in time
  void close();                   // no more will come: wakes the readers

 private:
  mutable std::mutex mutex_;  // guards the rest
  std::condition_variable changed_;
  std::deque<UndeliveredRecord> waiting_;
  std::uint64_t dropped_ = 0;
  bool closed_ = false;
};

}  // namespace acklab::producer
