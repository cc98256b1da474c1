// What an experiment found out: the fate of every record, the anomalies by Jepsen's names, and whether that is what was expected.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/runtime/time.h"
#include "protocol/types.h"

namespace acklab::lab {

// Names of Jepsen's Kafka workload; see the reference on verdicts.
enum class Anomaly {
  lost_write,            // acknowledged, and no consumer can ever read it
  unseen,                // acknowledged, but its partition could not be read to the end
  duplicate,             // one record at two or more offsets
  inconsistent_offsets,  // acknowledged at an offset where another record is read, while it lies elsewhere
  nonmonotonic_send,     // one producer's records of one partition lie out of order
  g1a,                   // reported failed, and yet in the log
  unanswered_loss,       // sent with acks=0 and not in the log: nothing was promised, so never a violation
  broken_invariant,      // what an omniscient observer saw inside the cluster
  corrupted,             // read with other bytes than were sent, and nothing told the reader
  removed,               // acknowledged, and let go since: by retention, by DeleteRecords, or because its key has a later record
};
inline constexpr int anomaly_count = static_cast<int>(Anomaly::removed) + 1;
std::string_view name(Anomaly anomaly);  // "lost-write", "G1a", ...

// One anomaly of one record.
struct Finding {
  Anomaly anomaly{};
  std::int64_t record = -1;  // its number in the workload; -1: not about one record
  protocol::TopicPartition partition;
  protocol::Offset offset{};       // where it was acknowledged, or first found
  std::string detail;              // "at offsets 12 and 40"
  std::vector<std::string> story;  // filled in by explain, for the findings that are told
};

// How many records had which fate. The names are those of the JSON that CLI.md promises.
struct RecordCounts {
  std::int64_t sent = 0;
  std::int64_t acked = 0;
  std::int64_t unanswered = 0;
  std::int64_t failed = 0;
  std::int64_t unknown = 0;
  std::int64_t lost = 0;  // = missing.acked
  std::int64_t duplicated = 0;
  std::int64_t reordered = 0;
  struct Missing {
    std::int64_t acked = 0;
    std::int64_t unanswered = 0;
    std::int64_t unknown = 0;
  } missing;
  struct Present {
    std::int64_t unknown = 0;
    std::int64_t failed = 0;  // must be 0 always
  } present;

  RecordCounts& operator+=(const RecordCounts& other);
};

struct FaultCount {
  std::string id;
  int planned = 1;
  int fired = 0;
};

// Latencies of acknowledged records, and how long sending took, in the world's time.
struct Timing {
  std::vector<protocol::Duration> latencies;  // unsorted
  protocol::Duration sending{0};              // from the first send to the last outcome
};

struct Verdict {
  RecordCounts records;
  std::vector<Finding> findings;
  std::vector<FaultCount> faults;
  Timing timing;
  std::uint64_t trace_hash = 0;  // 0 over sockets, where there is none
  std::uint64_t events = 0;
  std::uint64_t invariants_checked = 0;
  protocol::Duration virtual_time{0};
  double wall_ms = 0;
  // Whether, once no fault was left, in bounded time ...
  bool settled = true;  // ... every planned record of a living producer was sent and had its outcome
  bool at_rest = true;  // ... every partition was led, with all its replicas in sync and everything committed

  std::set<Anomaly> anomalies() const;
  // The first finding as text, with its story: for the message of a failed assertion.
  std::string story() const;
};

// "r-000412": how a record is named everywhere.
std::string record_name(std::int64_t record);

}  // namespace acklab::lab
