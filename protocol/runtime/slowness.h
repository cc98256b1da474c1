// How much slower a link is than it was: what World::slow does to it.
#pragma once

#include <cstdint>

#include "protocol/runtime/time.h"

namespace acklab::protocol {

struct Slowness {
  Duration latency{0};                // so much longer everything takes
  std::int64_t bytes_per_second = 0;  // and no more than this; 0: no limit. Connections of a link share it.

  friend constexpr bool operator==(const Slowness&, const Slowness&) = default;
};

}  // namespace acklab::protocol
