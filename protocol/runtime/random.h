// Random numbers that are the same everywhere: our own generator and our own bounded draw, because the standard library's
// distributions differ between implementations. Streams are independent, keyed by (seed, purpose, node): removing one fault
// from a scenario leaves all other draws as they were.
#pragma once

#include <cstdint>
#include <string_view>

#include "protocol/types.h"

namespace acklab::protocol {

// SplitMix64 (Steele, Lea, Flood 2014): one addition and a mix per draw, every seed gives a full-period stream.
class Random {
 public:
  explicit constexpr Random(std::uint64_t state) : state_(state) {}

  // The stream for one purpose of one node in the world of this seed.
  static Random stream(std::uint64_t seed, std::string_view purpose, std::int64_t node);

  constexpr std::uint64_t next() {
    state_ += 0x9e3779b97f4a7c15U;
    std::uint64_t z = state_;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
    return z ^ (z >> 31);
  }

  // Uniform in [0, bound); bound > 0. The multiply-shift draw; its bias is below 2^-32 for the bounds used here (< 2^32).
  constexpr std::uint64_t below(std::uint64_t bound) {
    return static_cast<std::uint64_t>((static_cast<unsigned __int128>(next()) * bound) >> 64);
  }
  // Uniform in [low, high], low <= high.
  constexpr std::int64_t between(std::int64_t low, std::int64_t high) {
    return low + static_cast<std::int64_t>(below(static_cast<std::uint64_t>(high - low) + 1));
  }
  // True once in `n` draws on average.
  constexpr bool one_in(std::uint64_t n) { return below(n) == 0; }

 private:
  std::uint64_t state_;
};

// A UUID of version 4, as Kafka draws topic and incarnation ids: none whose text begins with '-', which a shell would take for an
// option.
Uuid random_uuid(Random& random);

}  // namespace acklab::protocol
