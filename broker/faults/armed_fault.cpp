#include "broker/faults/armed_fault.h"

#include <algorithm>
#include <utility>

namespace acklab::broker {

using protocol::NodeId;
using protocol::TopicPartition;

namespace {

constexpr std::int16_t produce_key = 0;

// What stays in force once it has struck, until it is lifted.
bool lasts(Verb verb) {
  using enum Verb;
  return verb == pause || verb == cut || verb == stall || verb == slow || verb == disk_full || verb == slow_disk;
}

// The partition that requests must name, given as such or through the target.
std::optional<TopicPartition> partition_meant(const Fault& fault) {
  if (fault.request.partition) return fault.request.partition;
  const Target::Kind kind = fault.target.kind;
  if (kind == Target::Kind::leader || kind == Target::Kind::followers) return fault.target.partition;
  return std::nullopt;
}

}  // namespace

std::string_view name(FaultState state) {
  switch (state) {
    case FaultState::waiting:
      return "waiting";
    case FaultState::armed:
      return "armed";
    case FaultState::active:
      return "active";
    case FaultState::done:
      return "done";
    case FaultState::lifted:
      return "lifted";
  }
  return "";
}

ArmedFault::ArmedFault(Fault fault)
    : fault_(std::move(fault)), planned_(kind(fault_.verb) == VerbKind::request ? static_cast<int>(fault_.request.times) : 1) {}

FaultState ArmedFault::state() const {
  switch (phase_) {
    case Phase::waiting:
      return FaultState::waiting;
    case Phase::counting:
    case Phase::due:
    case Phase::sleeping:
      return FaultState::armed;
    case Phase::in_force:
      return FaultState::active;
    case Phase::done:
      return FaultState::done;
    case Phase::lifted:
      return FaultState::lifted;
  }
  return FaultState::done;
}

bool ArmedFault::begins_after(std::string_view fired) {
  if (phase_ != Phase::waiting || fault_.when.after != fired) return false;
  phase_ = fault_.when.event ? Phase::counting : Phase::due;
  return is_due();
}

bool ArmedFault::counts(const protocol::Entry& entry, std::string_view topic, const Targets& targets) {
  const Trigger& when = fault_.when;
  if (phase_ != Phase::counting || when.event != entry.event) return false;
  if (when.code.value_or(entry.code) != entry.code || !targets.emitted_by(when.at, entry, topic)) return false;
  ++events_;
  records_ += entry.count;
  if (events_ >= std::max<std::int64_t>(when.batches, 1) && records_ >= when.records) phase_ = Phase::due;
  return is_due();
}

bool ArmedFault::strikes(const RequestSummary& request, const Targets& targets) {
  if (phase_ != Phase::in_force || kind(fault_.verb) != VerbKind::request) return false;
  const RequestMatch& match = fault_.request;
  if (request.api_key != match.api_key.value_or(produce_key)) return false;
  if (!match.client.empty() && match.client != request.client) return false;
  const std::optional<TopicPartition> partition = partition_meant(fault_);
  if (partition && std::find(request.partitions.begin(), request.partitions.end(), *partition) == request.partitions.end())
    return false;
  if (fault_.target.kind != Target::Kind::none && !targets.means(fault_.target, NodeId::broker(request.broker))) return false;
  return ++requests_ >= match.nth;
}

bool ArmedFault::wakes() {
  if (phase_ != Phase::sleeping) return false;
  slept_ = true;
  phase_ = Phase::due;
  return true;
}

void ArmedFault::act(Effect effect, protocol::Time now) {
  // A fault of requests has fired when it strikes one.
  const bool matches_requests = kind(fault_.verb) == VerbKind::request;
  const bool struck = effect == Effect::struck;
  phase_ = matches_requests || (struck && lasts(fault_.verb)) ? Phase::in_force : Phase::done;
  if (matches_requests || !struck) return;
  ++fired_;
  first_fired_ = now;
}

void ArmedFault::struck_request(protocol::Time now) {
  if (fired_++ == 0) first_fired_ = now;
  if (fired_ == planned_) phase_ = Phase::done;
}

void ArmedFault::disarm() {
  const bool matches_requests = kind(fault_.verb) == VerbKind::request;
  if (phase_ == Phase::lifted || (phase_ == Phase::in_force && !matches_requests)) return;
  phase_ = Phase::done;
}

}  // namespace acklab::broker
