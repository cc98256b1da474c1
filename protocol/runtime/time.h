// Time as the domain knows it: integer nanoseconds of named types, never a bare integer and never the machine's own clock.
#pragma once

#include <chrono>
#include <cstdint>

namespace acklab::protocol {

using Duration = std::chrono::nanoseconds;

// Monotonic time since this world began. For timers, time-outs and latencies. The type only tags the scale; it has no now():
// the one who knows the time is the Runtime.
struct WorldClock {
  using duration = Duration;
  using rep = duration::rep;
  using period = duration::period;
  static constexpr bool is_steady = true;
};
using Time = std::chrono::time_point<WorldClock, Duration>;

// Wall-clock time in milliseconds since 1970, as record timestamps have it. For record timestamps and retention only.
struct WallTime {
  std::int64_t milliseconds = -1;

  friend constexpr auto operator<=>(const WallTime&, const WallTime&) = default;
};

constexpr double in_milliseconds(Duration duration) { return std::chrono::duration<double, std::milli>(duration).count(); }

}  // namespace acklab::protocol
