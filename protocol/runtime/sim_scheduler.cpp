#include "protocol/runtime/sim_scheduler.h"

namespace acklab::protocol {

SimNode& SimScheduler::node(NodeId id) {
  SimNode& node = nodes_[id];
  node.id = id;
  return node;
}

SimLife& SimScheduler::begin_life(SimNode& node) {
  lives_.push_back(std::make_unique<SimLife>());
  SimLife& life = *lives_.back();
  life.node = &node;
  life.index = static_cast<std::uint32_t>(lives_.size() - 1);
  life.incarnation = node.lives++;
  node.life = &life;
  return life;
}

void SimScheduler::schedule(Time at, SimEventKind kind, std::uint32_t life, std::uint32_t subject, std::uint32_t generation) {
  heap_.push_back({std::max(at, now_), next_sequence_++, life, subject, generation, kind});
  std::push_heap(heap_.begin(), heap_.end(), Later{});
}

SimEvent SimScheduler::pop() {
  std::pop_heap(heap_.begin(), heap_.end(), Later{});
  const SimEvent event = heap_.back();
  heap_.pop_back();
  now_ = event.at;
  return event;
}

// A resume event is scheduled exactly while something is set aside.
void SimScheduler::defer(SimLife& life, const SimEvent& event) {
  if (life.deferred.empty()) schedule(life.busy_until, SimEventKind::resume, life.index, 0, 0);
  life.deferred.push(event);
}

bool SimScheduler::take_deferred(SimLife& life, SimEvent& event) {
  if (life.busy_until > now_) {
    schedule(life.busy_until, SimEventKind::resume, life.index, 0, 0);
    return false;
  }
  event = life.deferred.pop();
  if (!life.deferred.empty()) schedule(now_, SimEventKind::resume, life.index, 0, 0);
  return true;
}

}  // namespace acklab::protocol
