// One fault of a plan, on its way: what it waits for, what it has counted, what of it is in force. Pure; the engine owns them.
//
//   waiting ---> counting ---> due ---> acts ---> done          what is over in a moment: kill, reset, an election
//   for another  events        | ^            `-> in force      what goes on: a cut link, a paused node, requests that are matched
//   fault                      v |                  |
//                           sleeping                v
//                           (its delay)           done          lifted, or all its requests have come
#pragma once

#include <cstdint>
#include <set>
#include <string_view>

#include "broker/faults/fault.h"
#include "broker/faults/request_fault.h"
#include "broker/faults/targets.h"
#include "protocol/runtime/time.h"

namespace acklab::broker {

// How far a fault has come, as it is told to people.
enum class FaultState { waiting, armed, active, done, lifted };
std::string_view name(FaultState state);

class ArmedFault {
 public:
  enum class Phase { waiting, counting, due, sleeping, in_force, done, lifted };

  explicit ArmedFault(Fault fault);

  const Fault& fault() const { return fault_; }
  Phase phase() const { return phase_; }
  FaultState state() const;
  int planned() const { return planned_; }
  int fired() const { return fired_; }
  protocol::Time first_fired() const { return first_fired_; }

  // The fault named by `after` has fired, or the plan was armed (an empty name). True if this one is due now.
  bool begins_after(std::string_view fired);
  // An entry of the journal. True if this was the last that it waited for.
  bool counts(const protocol::Entry& entry, std::string_view topic, const Targets& targets);
  // A fault of requests that is in force: is this one of those that it means, and is it to be struck?
  bool strikes(const RequestSummary& request, const Targets& targets);

  bool is_due() const { return phase_ == Phase::due; }
  bool must_sleep() const { return is_due() && fault_.when.delay > Duration::zero() && !slept_; }
  void sleep() { phase_ = Phase::sleeping; }
  bool wakes();  // false if it was lifted meanwhile
  // It acts; `struck`: it changed something.
  enum class Effect { none, struck };
  void act(Effect effect, protocol::Time now);
  void struck_request(protocol::Time now);
  void lift() { phase_ = Phase::lifted; }
  // Nothing more shall fire; what is in force stays.
  void disarm();

  // Whom it struck last: nodes, or brokers whose requests it met.
  std::set<protocol::NodeId> struck;
  // What of it is in force, to be taken back when it is lifted.
  std::set<Targets::Link> links;
  std::set<protocol::NodeId> paused;
  std::set<protocol::NodeId> disks;

 private:
  Fault fault_;
  Phase phase_ = Phase::waiting;
  std::int64_t records_ = 0;
  std::int64_t events_ = 0;
  std::int64_t requests_ = 0;  // matched so far
  bool slept_ = false;
  int planned_ = 1;
  int fired_ = 0;  // what changes nothing, because its target means nobody then, has not fired
  protocol::Time first_fired_{};
};

}  // namespace acklab::broker
