// Records that cannot be put into a batch yet: their topic's partitions are not known, or buffer.memory is used up. Where Kafka's send()
// blocks its caller, they wait here, for max.block.ms at most. They keep their order: nothing passes a record of the same topic, nor
// one that waits for room. Pure.
#pragma once

#include <cstddef>
#include <functional>
#include <list>
#include <map>
#include <string>
#include <vector>

#include "producer/batch.h"
#include "producer/config.h"
#include "producer/producer.h"

namespace acklab::producer {

struct WaitingRecord {
  ProducerRecord record;
  std::size_t bytes;  // what it takes of a batch, at most
  PendingRecord pending;
};

// What came of an attempt to put a record into a batch.
enum class Placement {
  placed,        // or ended, for good
  no_partition,  // the topic, or the partition, is not known
  no_room,
};

class WaitingRecords {
 public:
  // Whether a record that comes now has to wait behind another.
  bool holds_up(const std::string& topic) const { return short_of_room_ || by_topic_.contains(topic); }
  bool short_of_room() const { return short_of_room_; }
  std::size_t size() const { return records_.size(); }
  std::size_t bytes() const { return bytes_; }  // that they take of batches, at most

  // `why` is not `placed`. Records come in the order of their sending.
  void push(WaitingRecord record, Placement why);
  // Tries them again in order, skipping topics that still cannot go on; stops at the first that finds no room. `place` takes a record's
  // content only if it places it.
  void retry(const std::function<Placement(WaitingRecord&)>& place);
  // Takes out those that were sent at or before this time.
  std::vector<WaitingRecord> expire(protocol::Time sent_until);
  protocol::Time oldest() const { return records_.empty() ? never : records_.front().pending.sent_at; }

 private:
  void forget_one_of(const std::string& topic);

  std::list<WaitingRecord> records_;  // by number
  std::map<std::string, std::size_t, std::less<>> by_topic_;
  bool short_of_room_ = false;
  std::size_t bytes_ = 0;
};

}  // namespace acklab::producer
