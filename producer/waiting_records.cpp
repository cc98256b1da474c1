#include "producer/waiting_records.h"

#include <set>

#include "protocol/check.h"

namespace acklab::producer {

void WaitingRecords::push(WaitingRecord record, Placement why) {
  CHECK(why != Placement::placed);
  if (why == Placement::no_room) short_of_room_ = true;
  ++by_topic_[record.record.topic];
  bytes_ += record.bytes;
  records_.push_back(std::move(record));
}

void WaitingRecords::retry(const std::function<Placement(WaitingRecord&)>& place) {
  std::set<std::string> blocked;
  short_of_room_ = false;
  for (auto record = records_.begin(); record != records_.end();) {
    const std::string topic = record->record.topic;
    if (blocked.contains(topic)) {
      ++record;
      continue;
    }
    switch (place(*record)) {
      case Placement::placed:
        bytes_ -= record->bytes;
        record = records_.erase(record);
        forget_one_of(topic);
        break;
      case Placement::no_partition:
        blocked.insert(topic);
        ++record;
        break;
      case Placement::no_room:
        short_of_room_ = true;
        return;
    }
  }
}

std::vector<WaitingRecord> WaitingRecords::expire(protocol::Time sent_until) {
  std::vector<WaitingRecord> expired;
  while (!records_.empty() && records_.front().pending.sent_at <= sent_until) {
    bytes_ -= records_.front().bytes;
    expired.push_back(std::move(records_.front()));
    records_.pop_front();
    forget_one_of(expired.back().record.topic);
  }
  if (records_.empty()) short_of_room_ = false;
  return expired;
}

void WaitingRecords::forget_one_of(const std::string& topic) {
  const auto found = by_topic_.find(topic);
  CHECK(found != by_topic_.end());
  if (--found->second == 0) by_topic_.erase(found);
}

}  // namespace acklab::producer
