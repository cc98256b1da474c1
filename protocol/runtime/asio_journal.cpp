#include "protocol/runtime/asio_journal.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "protocol/check.h"

namespace acklab::protocol {

void AsioListeners::add(Journal::Listener listener) {
  const std::lock_guard lock(adding_);
  const std::size_t count = count_.load();
  CHECK(count < max_listeners);
  listeners_[count] = std::move(listener);
  count_.store(count + 1, std::memory_order_release);
}

void AsioListeners::tell(const Entry& entry, std::string_view topic) const {
  const std::size_t count = count_.load(std::memory_order_acquire);
  for (std::size_t i = 0; i < count; ++i) listeners_[i](entry, topic);
}

void AsioJournalPart::append(const Entry& entry) {
  if (waiting_.size() >= max_waiting_) {
    waiting_.pop_front();
    ++dropped_;
  }
  waiting_.push_back(entry);
}

TopicNumber AsioJournalPart::topic_number(std::string_view topic) {
  if (topic.empty()) return 0;
  const std::lock_guard lock(mutex_);
  if (const auto found = topics_.find(topic); found != topics_.end()) return found->second;
  CHECK(topic_names_.size() <= Journal::max_topics);
  const auto number = static_cast<TopicNumber>(topic_names_.size());
  topic_names_.emplace_back(topic);
  topics_.emplace(topic, number);
  return number;
}

std::string_view AsioJournalPart::topic_name(TopicNumber number) const {
  const std::lock_guard lock(mutex_);
  CHECK(number < topic_names_.size());
  return topic_names_[number];
}

AsioJournalPart::Taken AsioJournalPart::take() {
  const std::lock_guard lock(mutex_);
  return {std::exchange(waiting_, {}), std::exchange(dropped_, 0)};
}

void AsioJournal::merge(const std::vector<AsioJournalPart*>& parts, Time now) {
  for (AsioJournalPart* part : parts) {
    AsioJournalPart::Taken taken = part->take();
    whole_.count_dropped(taken.dropped);
    // Each part numbers topics for itself, the whole in its own way.
    for (Entry& entry : taken.entries) entry.topic = whole_.topic_number(part->topic_name(entry.topic));
    std::move(taken.entries.begin(), taken.entries.end(), std::back_inserter(younger_));
  }
  std::stable_sort(younger_.begin(), younger_.end(), [](const Entry& a, const Entry& b) { return a.at < b.at; });
  const auto complete =
      std::partition_point(younger_.begin(), younger_.end(), [now](const Entry& entry) { return entry.at <= now; });
  std::for_each(younger_.begin(), complete, [this](const Entry& entry) { whole_.note(entry); });
  younger_.erase(younger_.begin(), complete);
}

}  // namespace acklab::protocol
