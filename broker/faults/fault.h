// Faults are data. A fault plan is a list of (trigger, target, effect), made before the run, the same for simulator, real sockets,
// scenario files and the C++ API. A trigger names an event in preference to a time.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/error_code.h"
#include "protocol/result.h"
#include "protocol/runtime/journal.h"
#include "protocol/runtime/time.h"
#include "protocol/types.h"

namespace acklab::broker {

using protocol::Duration;
using protocol::Result;

// Who is meant, by name, resolved when the fault fires:
//   broker:2   controller   leader:orders-0   followers:orders-0   client:ID   killed (all that are dead)   all (all usable brokers)
struct Target {
  enum class Kind { none, broker, controller, leader, followers, client, killed, all };
  Kind kind = Kind::none;
  protocol::BrokerId broker{};
  protocol::TopicPartition partition;  // of leader and followers
  std::string client;                  // client.id

  // The error is a line for the user.
  static Result<Target, std::string> parse(std::string_view text);
  friend bool operator==(const Target&, const Target&) = default;
};
std::string to_string(const Target& target);

// When a fault fires. All given conditions must hold; counting starts when `after` has fired, or with the run.
struct Trigger {
  std::optional<protocol::Event> event;  // absent: fires when `after` has fired (or the run began) and `delay` has passed
  Target at;                             // the node that must emit the event; none: any
  std::int64_t records = 0;              // when that many records were counted by matching events (cumulative `count`)
  std::int64_t batches = 0;              // at the n-th matching event; 0 and no `records`: at the first
  std::string after;                     // id of another fault
  Duration delay{0};  // waits this long after the conditions held; then the order with other nodes is not promised
};

enum class Verb {
  // Nodes.
  kill,
  power_loss,
  restart,
  // Links.
  cut,
  heal,
  stall,
  reset,
  // Requests, at dispatch on the broker that serves them.
  error_on_nth,       // answer the n-th matching request with an error code; it is not applied
  drop_before_apply,  // close the connection; nothing was applied
  drop_after_append,  // close the connection after the append, before replication was waited for
  drop_answer,        // do all, but close the connection instead of answering
};
std::string_view name(Verb verb);  // as scenario files spell it: "drop-answer"
std::optional<Verb> verb_named(std::string_view name);
bool is_link_fault(Verb verb);     // has the two ends of a link
bool is_request_fault(Verb verb);  // meets requests; the others strike nodes

// Which requests a dispatch fault means.
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
  Target target;         // of node and request faults
  Target from, to;       // of link faults
  bool one_way = false;  // of link faults
  RequestMatch request;
  protocol::ErrorCode code = protocol::ErrorCode::none;  // of error_on_nth
  Fires fires = Fires::always;
  std::string fires_before;  // if given, the Kafka version until which `fires` holds; in later eras the fault owes nothing
};

using FaultPlan = std::vector<Fault>;

// What a broker shows of a request before it serves it, and what it is told to do with it. The hook runs on the broker's turn.
struct RequestSummary {
  protocol::BrokerId broker{};
  std::int16_t api_key = 0;
  std::string_view client;
  std::vector<protocol::TopicPartition> partitions;
};

struct RequestFault {
  enum class Kind { none, answer_error, drop_before_apply, drop_after_append, drop_answer };
  Kind kind = Kind::none;
  protocol::ErrorCode code = protocol::ErrorCode::none;
};
using RequestHook = std::function<RequestFault(const RequestSummary&)>;

}  // namespace acklab::broker
