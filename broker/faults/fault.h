// Faults are data. A fault plan is a list of (trigger, target, effect), made before the run, the same for simulator, real sockets,
// scenario files, the HTTP API and the C++ API. A trigger names an event in preference to a time.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "broker/faults/target.h"
#include "broker/faults/verb.h"
#include "protocol/error_code.h"
#include "protocol/runtime/journal.h"
#include "protocol/runtime/time.h"
#include "protocol/runtime/world.h"
#include "protocol/types.h"

namespace acklab::broker {

using protocol::Duration;

// When a fault fires. All given conditions must hold; counting starts when `after` has fired, or with the run.
struct Trigger {
  std::optional<protocol::Event> event;     // absent: fires when `after` has fired (or the run began) and `delay` has passed
  Target at;                                // the node that must emit the event; none: any
  std::optional<protocol::ErrorCode> code;  // which the event must carry; absent: any
  std::int64_t records = 0;                 // when that many records were counted by matching events (cumulative `count`)
  std::int64_t batches = 0;                 // at the n-th matching event; 0 and no `records`: at the first
  std::string after;                        // id of another fault
  Duration delay{0};  // waits this long after the conditions held; then the order with other nodes is not promised

  friend bool operator==(const Trigger&, const Trigger&) = default;
};

// Which requests a fault of requests means.
struct RequestMatch {
  std::optional<std::int16_t> api_key;  // absent: Produce
  std::optional<protocol::TopicPartition> partition;
  std::string client;      // client.id; empty: any
  std::int64_t nth = 1;    // counted from when the fault was armed
  std::int64_t times = 1;  // this many in a row
};

// How sure a fault is to fire.
enum class Fires {
  always,     // a run in which it did not fire proves nothing
  sometimes,  // a sweep in which it never fired proves nothing
};

struct Fault {
  std::string id;
  Trigger when;
  Verb verb{};
  Target target;    // of all but links
  LinkTarget link;  // of link faults; of heal also none: every link that a fault has touched
  RequestMatch request;
  protocol::ErrorCode code = protocol::ErrorCode::none;  // of error_on_nth
  std::optional<Duration> by;                            // of delay, hold_answer, slow_disk: how long; of clock_jump: how far
  std::int64_t room = 0;                                 // of disk_full: bytes that are left
  protocol::Slowness slowness;                           // of slow
  Fires fires = Fires::always;
  std::string fires_before;  // if given, the Kafka version until which `fires` holds; in later eras the fault owes nothing

  // Whom it strikes, as text: "leader:orders-0", "link:broker:1<>broker:2"; empty for those that strike anyone.
  std::string target_text() const;
};

using FaultPlan = std::vector<Fault>;

}  // namespace acklab::broker
