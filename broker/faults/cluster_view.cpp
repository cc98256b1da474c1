#include "broker/faults/cluster_view.h"

namespace acklab::broker {

using protocol::Event;

void ClusterView::observe(const protocol::Entry& entry, std::string_view topic) {
  switch (entry.event) {
    case Event::elected:
    case Event::isr_changed: {
      Partition& partition = partitions_[{std::string(topic), entry.partition}];
      // The controller speaks in order; only a new incarnation of it may repeat itself.
      if (entry.epoch < partition.epoch) return;
      partition.leader = entry.peer;
      partition.epoch = entry.epoch;
      partition.isr = entry.brokers;
      partition.replicas.bits |= entry.brokers.bits;
      return;
    }
    case Event::unfenced:
      usable_.insert(entry.peer);
      return;
    case Event::fenced:
      usable_.erase(entry.peer);
      return;
    case Event::started:
      dead_.erase(entry.node);
      return;
    case Event::killed:
    case Event::power_lost:
      dead_.insert(entry.node);
      paused_.erase(entry.node);
      return;
    case Event::paused:
      paused_.insert(entry.node);
      return;
    case Event::resumed:
      paused_.erase(entry.node);
      return;
    default:
      return;
  }
}

const ClusterView::Partition* ClusterView::find(const protocol::TopicPartition& partition) const {
  const auto found = partitions_.find(partition);
  return found == partitions_.end() ? nullptr : &found->second;
}

}  // namespace acklab::broker
