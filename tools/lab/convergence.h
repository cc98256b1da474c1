// Whether a cluster has come to rest: every partition has a leader that is alive, all its replicas are in sync, and all that its leader
// has is committed. Followed from the journal, so it costs nothing to ask; over sockets several threads tell it.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

#include "protocol/runtime/journal.h"
#include "protocol/types.h"

namespace acklab::lab {

class Convergence {
 public:
  explicit Convergence(int brokers) : brokers_(brokers) {}

  void expect(const std::string& topic, int partitions, int replicas);
  void observe(const protocol::Entry& entry, std::string_view topic);

  bool all_usable() const { return usable_.load() == brokers_; }  // every broker is registered and unfenced
  bool reached() const { return resting_.load() == partitions_.load(); }

 private:
  struct Partition {
    int replicas = 1;
    protocol::NodeId leader{};
    protocol::LeaderEpoch epoch{};
    int isr = 0;
    std::int64_t end = -1;
    std::int64_t committed = 0;
    protocol::NodeId leading{};  // who took up leadership in `epoch`
    bool resting = false;
  };
  void judge(Partition& partition);

  const int brokers_;
  std::mutex mutex_;
  std::map<protocol::TopicPartition, Partition> known_;
  std::map<protocol::NodeId, bool> unfenced_;
  std::atomic<int> usable_{0};
  std::atomic<int> partitions_{0};
  std::atomic<int> resting_{0};
};

}  // namespace acklab::lab
