// What travels between nodes, as somebody sees it who stands at the machine that receives it: both worlds tell it, for captures.
//
// Everything is told once, when it arrives: what a cut link holds is told after the heal, and what never arrives is not told. Two things
// have no receiver in this world and are told when they leave: what goes to a stranger, over sockets, once the kernel has it; and the
// close of an end whose peer is gone, too. A reset may be told by each end. Simulated bytes arrive at the machine, though its process be
// paused or busy; over sockets they arrive when the process reads them, since nobody sees into a kernel.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>

#include "protocol/runtime/node.h"
#include "protocol/runtime/time.h"

namespace acklab::protocol {

struct Traffic {
  enum class Kind { opened, refused, bytes, end, reset };
  enum class From { client, server };

  Kind kind{};
  From from{};
  // The connection: who connected, who was listening, at which port, and Connection::id().
  NodeId client;
  NodeId server;
  std::uint16_t port = 0;
  std::uint64_t connection = 0;
  Duration at{};  // since 1970, by the world's wall clock, whatever the nodes' clocks say
  std::span<const std::byte> bytes{};
};

// Is told all traffic of a world, and must not touch it; over sockets on several threads at once. An empty one costs a branch.
using Tap = std::function<void(const Traffic&)>;

}  // namespace acklab::protocol
