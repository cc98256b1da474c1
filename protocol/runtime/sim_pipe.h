// A connection of the simulated network: two ends, and what flows each way.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>

#include "protocol/runtime/fifo.h"
#include "protocol/runtime/runtime.h"
#include "protocol/runtime/sim_scheduler.h"
#include "protocol/runtime/sim_stream.h"

namespace acklab::protocol {

// Which end of a connection: 0 connects, 1 accepts.
using SimSide = std::size_t;
constexpr SimSide other_side(SimSide side) { return 1 - side; }

// What one node holds of a connection. What arrives while the node cannot take it waits in `inbox`.
struct SimEnd {
  enum class State {
    absent,  // the listener's end, before the attempt to connect arrived
    open,
    broken,  // reset; the owner is about to learn
    gone,    // the owner closed it, died, or learned that it ended
    lost,    // its machine lost power: the machine itself knows nothing of it any more
  };

  SimNode* node = nullptr;
  SimLife* life = nullptr;
  State state = State::absent;
  bool paused = false;
  bool woken = false;  // a readable event is scheduled
  Fifo<Segment> inbox;
  std::unique_ptr<ConnectionEvents> events;

  bool noticed() const { return state == State::open || state == State::broken; }
  bool takes(SegmentKind kind) const { return !paused || (kind != SegmentKind::data && kind != SegmentKind::end); }
};

// A stream and the event at which its next segment arrives. Only the first segment in flight has an event, so the heap holds at
// most one for each stream.
struct SimFlow {
  SimStream stream;
  std::uint32_t generation = 0;  // of the event
  bool armed = false;
  bool held = false;  // its first segment was due and could not arrive; a heal or the return of power releases it
};

// A connection. Flow i carries what side i sends.
struct SimPipe {
  enum class Phase { unsent, knocking, hanging, answered };  // unsent: its node is paused

  std::uint32_t slot = 0;
  std::uint32_t generation = 0;
  std::uint64_t id = 0;
  Address address;
  Phase phase = Phase::knocking;
  bool doomed = false;
  std::array<SimEnd, 2> ends;
  std::array<SimFlow, 2> flows;
};

}  // namespace acklab::protocol
