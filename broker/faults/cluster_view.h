// Who leads what and who is dead, as the journal tells it. Fault targets are resolved against it, in both worlds alike; nobody looks
// into a node. Pure: a fold over journal entries.
#pragma once

#include <map>
#include <set>
#include <string_view>

#include "protocol/runtime/journal.h"
#include "protocol/types.h"

namespace acklab::broker {

class ClusterView {
 public:
  struct Partition {
    protocol::NodeId leader{};  // as the controller decided last; unknown if there is none
    protocol::LeaderEpoch epoch{};
    protocol::BrokerSet isr;
    protocol::BrokerSet replicas;  // every broker that was ever in the ISR or followed
  };

  void observe(const protocol::Entry& entry, std::string_view topic);

  const Partition* find(const protocol::TopicPartition& partition) const;
  const std::map<protocol::TopicPartition, Partition>& partitions() const { return partitions_; }
  const std::set<protocol::NodeId>& dead() const { return dead_; }
  const std::set<protocol::NodeId>& paused() const { return paused_; }
  const std::set<protocol::NodeId>& usable_brokers() const { return usable_; }  // unfenced by the controller

 private:
  std::map<protocol::TopicPartition, Partition> partitions_;
  std::set<protocol::NodeId> dead_;
  std::set<protocol::NodeId> paused_;
  std::set<protocol::NodeId> usable_;
};

}  // namespace acklab::broker
