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

void SimScheduler::defer(SimLife& life, const SimEvent& event) {
  life.deferred.push(event);
  wake(life);
}

bool SimScheduler::take_deferred(SimLife& life, SimEvent& event) {
  life.resume_comes = false;
  const bool taken = !life.paused && life.busy_until <= now_;
  if (taken) event = life.deferred.pop();
  wake(life);
  return taken;
}

void SimScheduler::resume(SimLife& life) {
  life.paused = false;
  wake(life);
}

// A resume event is scheduled exactly while something is set aside and the node is not paused.
void SimScheduler::wake(SimLife& life) {
  if (life.resume_comes || life.paused || life.deferred.empty()) return;
  life.resume_comes = true;
  schedule(life.busy_until, SimEventKind::resume, life.index, 0, 0);
}

}  // namespace acklab::protocol
