// What a dissection holds, counted: a few bytes may stand for very many parts, or for very many bytes once they are unpacked.
#pragma once

#include <cstddef>
#include <vector>

#include "protocol/check.h"
#include "protocol/study/dissect_budget.h"
#include "protocol/study/part.h"

namespace acklab::fuzz {

struct Held {
  std::size_t parts = 0;
  std::size_t unpacked = 0;  // bytes
};

inline void count(const std::vector<protocol::Part>& parts, Held& held) {
  held.parts += parts.size();
  for (const protocol::Part& part : parts) {
    if (part.unpacked) held.unpacked += part.bytes.size();
    count(part.parts, held);
  }
}

inline void check_budget(const std::vector<protocol::Part>& parts) {
  constexpr std::size_t finished_though_used_up = 1000;  // the fields of what was begun: a record with its headers, structures
  Held held;
  count(parts, held);
  CHECK(held.parts <= protocol::most_parts + finished_though_used_up);
  CHECK(held.unpacked <= protocol::most_unpacked);
}

}  // namespace acklab::fuzz
