// Every way in which one length of a message can be wrong: for the decoder's test and for the broker's.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "protocol/study/generate.h"

namespace acklab::tests {

// What a length may be said to be: null, nothing, one more than there is, and the borders of the types that hold it. In compact form
// the largest is written as 0xffffffff.
inline std::vector<std::int64_t> lies_about(std::int64_t right) {
  return {-1, -2, 0, right + 1, 0x7fff, 0x8000, 0x7fffffff, 0x80000000, 0xfffffffe};
}

// The message that this seed makes, once with each of its lengths replaced by each lie.
inline void for_each_lying_length(const protocol::Schema& schema, std::int16_t version, std::uint64_t seed,
                                  const std::function<void(const protocol::Slice& body)>& check) {
  const auto make = [&](const protocol::Lengths& lengths) {
    auto random = protocol::Random::stream(seed, schema.name, version);
    return generate(schema, version, random, protocol::Spelling::tolerated, lengths);
  };
  std::vector<std::int64_t> right;
  make([&](std::int64_t length) { return right.emplace_back(length); });
  for (std::size_t which = 0; which < right.size(); ++which) {
    for (const std::int64_t lie : lies_about(right[which])) {
      std::size_t at = 0;
      check(make([&](std::int64_t length) { return at++ == which ? lie : length; }));
    }
  }
}

}  // namespace acklab::tests
