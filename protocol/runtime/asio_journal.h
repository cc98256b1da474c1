// The journal of a world with threads: each node notes into a part of its own, and the parts are merged by time when somebody reads.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/runtime/journal.h"

namespace acklab::protocol {

// Who hears of entries. Listeners are only ever added, so that nodes can go through them without a lock.
class AsioListeners {
 public:
  static constexpr std::size_t max_listeners = 64;

  void add(Journal::Listener listener);
  void tell(const Entry& entry, std::string_view topic) const;

 private:
  std::mutex adding_;
  std::array<Journal::Listener, max_listeners> listeners_;
  std::atomic<std::size_t> count_{0};
};

// What one node noted and nobody has read. Noted on the node's thread, taken on another.
class AsioJournalPart {
 public:
  // When so many wait, the oldest is dropped and counted.
  explicit AsioJournalPart(std::size_t max_waiting) : max_waiting_(max_waiting) {}

  struct Taken {
    std::deque<Entry> entries;  // in the order of their times
    std::uint64_t dropped = 0;  // since the last time
  };

  // Stamps the entry's number, and its time as `clock` gives it, in one step with noting it: see AsioJournal::merge.
  template <class Clock>
  Entry note(Entry entry, Clock clock) {
    const std::lock_guard lock(mutex_);
    entry.number = next_number_++;
    entry.at = clock();
    append(entry);
    return entry;
  }
  TopicNumber topic_number(std::string_view topic);
  std::string_view topic_name(TopicNumber number) const;  // lives as long as this part

  Taken take();

 private:
  void append(const Entry& entry);

  const std::size_t max_waiting_;
  mutable std::mutex mutex_;
  std::deque<Entry> waiting_;
  std::uint64_t next_number_ = 0;
  std::uint64_t dropped_ = 0;
  std::map<std::string, TopicNumber, std::less<>> topics_;
  std::deque<std::string> topic_names_{1};
};

// The whole, by time; the parts' own order is kept.
class AsioJournal {
 public:
  // `now` was read before this call. Entries up to then are complete in every part: a later one has a later time, because a part
  // reads the clock while it is locked. Younger ones wait for the next merge.
  void merge(const std::vector<AsioJournalPart*>& parts, Time now);
  const Journal& whole() const { return whole_; }

 private:
  Journal whole_;
  std::vector<Entry> younger_;
};

}  // namespace acklab::protocol
