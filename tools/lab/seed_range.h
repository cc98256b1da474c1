// Which seeds a sweep runs, and which of them are one machine's part.
#pragma once

#include <cstdint>
#include <string>

#include "protocol/result.h"

namespace acklab::lab {

// Seeds go to other programs as JSON numbers, which are exact up to here.
inline constexpr std::uint64_t max_seed = std::uint64_t{1} << 53;
inline constexpr int max_shards = 1'000'000;

// One machine's part of a sweep that several machines share.
struct Shard {
  int number = 1;  // from 1
  int of = 1;

  // "2/4". The error is a line for the user.
  static protocol::Result<Shard, std::string> parse(const std::string& text);
  bool whole() const { return of == 1; }
  std::string text() const;
};

struct SeedRange {
  std::uint64_t first = 1;
  std::uint64_t last = 1;  // inclusive
  std::uint64_t step = 1;

  std::int64_t count() const { return last < first ? 0 : static_cast<std::int64_t>((last - first) / step) + 1; }
  // "7" or "1..200". The error is a line for the user.
  static protocol::Result<SeedRange, std::string> parse(const std::string& text);
  // Every `of`-th seed, beginning with the `number`-th: the shards of a range share no seed, and together they are the range. They
  // interleave, so a machine that is done early has seen all of the range. The error is of a shard without seeds.
  protocol::Result<SeedRange, std::string> part(const Shard& shard) const;
};

}  // namespace acklab::lab
