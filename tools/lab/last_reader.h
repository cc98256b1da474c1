// The last read of an experiment: a client node that reads topics one after the other, each partition to its end, over connections like
// anybody's. What it found is the truth that the checker compares with.
#pragma once

#include <atomic>
#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "protocol/runtime/world.h"
#include "tools/lab/checker.h"
#include "tools/lab/consumer.h"

namespace acklab::lab {

class LastReader final : public protocol::Process {
 public:
  // `read` and `finished` outlive the node; the first may be looked at when the second is set.
  LastReader(protocol::Runtime& runtime, std::vector<protocol::Address> bootstrap, std::vector<std::string> topics,
             LastRead& read, std::atomic<bool>& finished);

 private:
  void next_topic();
  void take(const protocol::TopicPartition& partition, const protocol::RecordBatch& batch,
            const std::vector<protocol::Record>& records);

  protocol::Runtime& runtime_;
  std::vector<protocol::Address> bootstrap_;
  std::vector<std::string> topics_;
  LastRead& read_;
  std::atomic<bool>& finished_;
  std::size_t next_ = 0;
  int problems_ = 0;  // with the topic that is read
  std::unique_ptr<protocol::Timer> timer_;
  std::unique_ptr<Consumer> consumer_;
};

}  // namespace acklab::lab
