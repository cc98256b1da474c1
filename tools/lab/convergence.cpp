#include "tools/lab/convergence.h"

#include <bit>

namespace acklab::lab {

using protocol::Entry;
using protocol::Event;

void Convergence::expect(const std::string& topic, int partitions, int replicas) {
  const std::lock_guard lock(mutex_);
  for (int index = 0; index < partitions; ++index) {
    known_[{topic, index}].replicas = replicas;
  }
  partitions_ += partitions;
}

void Convergence::judge(Partition& partition) {
  const bool resting = partition.leader.known() && partition.leading == partition.leader && partition.isr == partition.replicas &&
                       partition.end >= 0 && partition.committed >= partition.end;
  if (resting != partition.resting) {
    partition.resting = resting;
    resting_ += resting ? 1 : -1;
  }
}

void Convergence::observe(const Entry& entry, std::string_view topic) {
  const std::lock_guard lock(mutex_);
  if (entry.event == Event::fenced || entry.event == Event::unfenced) {
    bool& up = unfenced_[entry.peer];
    if (up != (entry.event == Event::unfenced)) {
      up = !up;
      usable_ += up ? 1 : -1;
    }
    return;
  }
  // A broker that died is fenced only when its session ends; until it registers again it is of no use.
  if (entry.event == Event::killed || entry.event == Event::power_lost) {
    for (auto& [name, partition] : known_) {
      if (partition.leading != entry.node) continue;
      partition.leading = {};
      judge(partition);
    }
    return;
  }
  if (entry.topic == 0) return;
  const auto found = known_.find({std::string(topic), entry.partition});
  if (found == known_.end()) return;
  Partition& partition = found->second;
  switch (entry.event) {
    case Event::elected:
    case Event::isr_changed:
      if (entry.epoch < partition.epoch) return;
      partition.leader = entry.peer;
      partition.isr = std::popcount(entry.brokers.bits);
      if (entry.epoch != partition.epoch) {
        partition.epoch = entry.epoch;
        partition.leading = {};
      }
      break;
    case Event::led:
      if (entry.epoch < partition.epoch) return;
      partition.epoch = entry.epoch;
      partition.leading = entry.node;
      partition.end = entry.offset.value;
      partition.committed = entry.offset.value - entry.count;
      break;
    case Event::appended:
      if (entry.node != partition.leading) return;
      partition.end = entry.offset.value + entry.count;
      break;
    case Event::high_watermark:
      if (entry.node != partition.leading) return;
      partition.committed = entry.offset.value;
      break;
    default:
      return;
  }
  judge(partition);
}

}  // namespace acklab::lab
