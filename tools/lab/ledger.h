// What one producer's application knows of its records: what was handed over when, and what it was told. The checker compares it with
// what can be read. One ledger belongs to one client node; the counters alone may be read from elsewhere while it runs.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <vector>

#include "producer/producer.h"
#include "protocol/runtime/time.h"
#include "protocol/types.h"

namespace acklab::lab {

struct Send {
  std::int64_t record = -1;    // its number in the whole experiment
  std::uint32_t checksum = 0;  // of its value
  protocol::Time sent{};
  bool settled = false;  // told an outcome
  producer::Outcome outcome;
  protocol::Time told{};
  int resends = 0;  // by the application, after an unknown outcome
  int copies = 0;   // that the application knows the outcome of
};

struct Ledger {
  std::string topic;
  std::string client_id;
  protocol::Acks acks = protocol::Acks::all;
  std::int64_t first_record = 0;  // numbers of this producer's records start here
  std::int64_t planned = 0;
  // Of a topic that is compacted: its records have one of so many keys, in turn, and only the latest of each is sure to stay. 0: all stay.
  std::int64_t compacted_keys = 0;
  std::vector<Send> sends;  // in the order of sending

  std::atomic<std::int64_t> acked{0};
  std::atomic<std::int64_t> settled{0};

  // The number in the key of a record of this ledger, if a later one with that key may replace it.
  static constexpr std::int64_t no_key = -1;
  std::int64_t compacted_key(std::int64_t record) const { return compacted_keys == 0 ? no_key : record % compacted_keys; }
};

}  // namespace acklab::lab
