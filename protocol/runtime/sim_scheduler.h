// Virtual time: one heap of typed events in the order (time, sequence), and the lives whose turns they are. Two events at the same
// instant happen in the order in which they were scheduled, so a run is a total order and replays exactly.
//
// A node is single-threaded, so a slow disk call keeps it busy: until `busy_until` its events are set aside, in order, and what it
// sends leaves only then. A pause is the same with an end that nobody knows.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <vector>

#include "protocol/check.h"
#include "protocol/runtime/fifo.h"
#include "protocol/runtime/node.h"
#include "protocol/runtime/runtime.h"
#include "protocol/runtime/time.h"
#include "protocol/runtime/world.h"

namespace acklab::protocol {

enum class SimEventKind : std::uint8_t {
  // Turns of a node.
  task,      // a timer's, or one that was posted
  accept,    // a listener is given a new connection
  readable,  // bytes that waited for their reader can be handed over
  closed,    // one end learns that its connection broke
  resume,    // a busy or paused node is free again: the first of the events that were set aside
  // The network's own.
  connect,  // an attempt to connect arrives at the other node
  deliver,  // the next bytes of a stream arrive; a turn of the receiver, if it is free and reads
};

struct SimEvent {
  Time at{};
  std::uint64_t sequence = 0;
  std::uint32_t life = 0;        // whose turn it is; SimScheduler::nobody for the network's own
  std::uint32_t subject = 0;     // which task, connection or stream
  std::uint32_t generation = 0;  // of the subject: one that has passed makes the event void
  SimEventKind kind{};
};

struct SimNode;

// One incarnation of a node, from its start to its death.
struct SimLife {
  SimNode* node = nullptr;
  std::uint32_t index = 0;
  std::uint32_t incarnation = 0;  // 0 for the first life of its node
  bool booted = false;
  bool dead = false;
  bool paused = false;
  Time busy_until{};
  Fifo<SimEvent> deferred;
  bool resume_comes = false;         // an event that takes the first of them is scheduled
  std::unique_ptr<Runtime> runtime;  // outlives the process, which holds a reference
  std::unique_ptr<Process> process;
};

// The machine on which lives come and go.
struct SimNode {
  NodeId id;
  SimLife* life = nullptr;  // none while dead
  std::uint32_t lives = 0;
  bool powered = true;  // a machine without power does not even refuse
  Duration wall_skew{0};
};

class SimScheduler {
 public:
  static constexpr std::uint32_t nobody = UINT32_MAX;

  Time now() const { return now_; }
  // What the clock of this node shows: ahead of the world's while it is busy.
  Time now(const SimLife& life) const { return std::max(now_, life.busy_until); }

  // When the node has its hands free, and what it sends now leaves: never, as far as anybody knows, while it is paused.
  static constexpr Time never = Time::max();
  Time free_at(const SimLife& life) const { return life.paused ? never : now(life); }

  SimNode& node(NodeId id);
  SimLife& begin_life(SimNode& node);
  SimLife& life(std::uint32_t index) { return *lives_[index]; }
  const std::vector<std::unique_ptr<SimLife>>& lives() const { return lives_; }

  void schedule(Time at, SimEventKind kind, std::uint32_t life, std::uint32_t subject, std::uint32_t generation);
  bool idle() const { return heap_.empty(); }
  std::size_t scheduled() const { return heap_.size(); }
  Time next_time() const { return heap_.front().at; }
  // Takes the next event; the time is its time now.
  SimEvent pop();
  void advance_to(Time time) { now_ = std::max(now_, time); }

  // Drops every event for which `is_void` holds. The order of the others is that of their keys, so it does not change.
  template <class IsVoid>
  void purge(IsVoid is_void) {
    std::erase_if(heap_, is_void);
    std::make_heap(heap_.begin(), heap_.end(), Later{});
  }

  // Could this life take a turn now, without overtaking an event that was set aside?
  bool free(const SimLife& life) const { return !life.dead && !life.paused && life.busy_until <= now_ && life.deferred.empty(); }
  // Sets an event aside until the node is free again.
  void defer(SimLife& life, const SimEvent& event);
  // The first event that was set aside, at a resume event; none if the node is still busy or paused.
  bool take_deferred(SimLife& life, SimEvent& event);
  // The pause is over.
  void resume(SimLife& life);

  bool in_turn() const { return current_ != nullptr; }
  template <class Body>
  void turn(SimLife& life, const Body& body) {
    CHECK(!in_turn());
    current_ = &life;
    body();
    current_ = nullptr;
  }

 private:
  // A type and not a function, so that the heap's algorithms inline it.
  struct Later {
    bool operator()(const SimEvent& a, const SimEvent& b) const { return a.at != b.at ? a.at > b.at : a.sequence > b.sequence; }
  };

  void wake(SimLife& life);

  Time now_{};
  std::uint64_t next_sequence_ = 0;
  std::vector<SimEvent> heap_;
  std::map<NodeId, SimNode> nodes_;
  std::vector<std::unique_ptr<SimLife>> lives_;  // kept for the world's time, so that a reference to a dead one stays valid
  const SimLife* current_ = nullptr;
};

}  // namespace acklab::protocol
