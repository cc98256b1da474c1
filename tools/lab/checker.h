// Compares what a producer was told with what can be read: a pure function, linear in the number of records.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <vector>

#include "protocol/types.h"
#include "tools/lab/ledger.h"
#include "tools/lab/verdict.h"

namespace acklab::lab {

// The last read: for each partition the records found, in offset order, by their number.
struct LastRead {
  struct Seen {
    protocol::Offset offset{};
    std::int64_t record = -1;    // -1: not of this experiment
    std::uint32_t checksum = 0;  // of its value
  };
  struct Partition {
    protocol::Offset begin{0};  // of the log: what lay below has been let go
    std::vector<Seen> seen;
    bool complete = false;  // read to its end
  };
  std::map<protocol::TopicPartition, Partition> partitions;
};

// What is not read may have been let go on purpose: because it lay below where the log begins now (retention, DeleteRecords), or because
// its key has a later record (compaction); whether the configuration permits that is for the promise.
//
// Fills in records, findings (without stories) and timing.
Verdict check(const std::deque<Ledger>& ledgers, const LastRead& read);

// The number in a record's name; -1 if it is none.
std::int64_t record_number(std::string_view name);

}  // namespace acklab::lab
