#include "tools/lab/trigger_reader.h"

#include <algorithm>
#include <array>
#include <vector>

#include <fmt/format.h>

namespace acklab::lab {

using broker::Target;
using broker::Trigger;
using protocol::ErrorCode;
using protocol::EventInfo;

namespace {

const EventInfo& read_event(const TomlValue& value) {
  const std::string& text = as_text(value, "event");
  if (const EventInfo* info = protocol::find_event(text)) return *info;
  std::vector<std::string_view> names;
  for (const EventInfo& info : protocol::event_catalogue()) names.push_back(info.name);
  mistake(value.where, fmt::format("there is no event \"{}\"; {}", text, did_you_mean(text, names)));
}

// The nodes that can note an event. An `at` among others would wait for ever: a leader's or follower's name also asks that the entry
// be about its partition.
std::vector<Target::Kind> nodes_that_note(std::string_view emitter) {
  using enum Target::Kind;
  if (emitter == "producer") return {client};
  if (emitter == "leader") return {leader, broker, all};
  if (emitter == "follower") return {followers, broker, all};
  if (emitter == "replica") return {leader, followers, broker, all};
  if (emitter == "controller") return {controller};
  return {broker, controller, client, all, killed};  // what befalls a node
}

std::string_view example(Target::Kind kind) {
  switch (kind) {
    case Target::Kind::client:
      return "client:producer-0";
    case Target::Kind::leader:
      return "leader:orders-0";
    case Target::Kind::followers:
      return "followers:orders-0";
    case Target::Kind::controller:
      return "controller";
    default:
      return "broker:0";
  }
}

}  // namespace

ErrorCode read_error_code(const TomlValue& value) {
  const std::string& text = as_text(value, "code");
  std::vector<std::string_view> names;
  for (std::int16_t number = -1; number <= static_cast<std::int16_t>(ErrorCode::share_session_limit_reached); ++number) {
    const auto code = static_cast<ErrorCode>(number);
    if (code == ErrorCode::none || name(code) == "UNKNOWN") continue;
    if (name(code) == text) return code;
    names.push_back(name(code));
  }
  mistake(value.where, fmt::format("\"{}\" is no error code of Kafka; {}", text, did_you_mean(text, names)));
}

Trigger read_trigger(const TomlValue& value, const std::string& title, const FaultGround& ground) {
  constexpr auto keys = std::to_array<std::string_view>({"event", "at", "code", "records", "batches", "after", "delay"});
  const TomlFields when(value, "the when of " + title, keys);
  Trigger trigger;
  trigger.after = when.text("after", "");
  trigger.delay = when.duration("delay", protocol::Duration::zero());
  trigger.records = when.integer("records", any_count, 0);
  trigger.batches = when.integer("batches", any_count, 0);

  const TomlValue* const event = when.find("event");
  if (!event) {
    for (const std::string_view key : {"at", "code", "records", "batches"}) {
      if (const TomlValue* lone = when.find(key)) {
        mistake(lone->where, fmt::format("{} needs an event; write it as in event = \"appended\"", key));
      }
    }
    return trigger;
  }
  const EventInfo& info = read_event(*event);
  trigger.event = info.event;
  if (info.emitter == "checker") {
    mistake(event->where, fmt::format("\"{}\" is noted when all faults are over; choose an earlier event", info.name));
  }
  if (info.event == protocol::Event::fault_fired) {
    mistake(event->where, "\"fault-fired\" does not say which fault; name it, as in after = \"ID\"");
  }
  if (trigger.records > 0 && info.counts != "records") {
    mistake(when.find("records")->where, fmt::format("\"{}\" counts no records; use batches for the n-th such event", info.name));
  }
  if (const TomlValue* code = when.find("code")) trigger.code = read_error_code(*code);
  if (const TomlValue* at = when.find("at")) {
    trigger.at = read_target(*at, "at", ground);
    const std::vector<Target::Kind> nodes = nodes_that_note(info.emitter);
    if (std::find(nodes.begin(), nodes.end(), trigger.at.kind) == nodes.end()) {
      mistake(at->where, fmt::format("\"{}\" is never noted at {}; write it as in at = \"{}\", or leave at out", info.name,
                                     to_string(trigger.at), example(nodes.front())));
    }
  }
  return trigger;
}

}  // namespace acklab::lab
