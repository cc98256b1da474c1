#include "tools/lab/fault_reader.h"

#include <algorithm>
#include <array>
#include <set>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "protocol/messages/registry.h"
#include "protocol/nearest.h"
#include "tools/lab/toml_fields.h"

namespace acklab::lab {

using broker::Fault;
using broker::Fires;
using broker::Target;
using broker::Trigger;
using broker::Verb;
using protocol::ErrorCode;
using protocol::EventInfo;
using protocol::TopicPartition;

namespace {

constexpr IntegerRange any_count = {1, 1'000'000'000};

// ---- Names

std::vector<std::string_view> verb_names() {
  std::vector<std::string_view> names;
  for (int i = 0; i <= static_cast<int>(Verb::drop_answer); ++i) names.push_back(name(static_cast<Verb>(i)));
  return names;
}

Verb read_verb(const TomlValue& value) {
  const std::string& text = as_text(value, "do");
  const auto verb = broker::verb_named(text);
  if (!verb) mistake(value.where, fmt::format("nothing can do \"{}\"; {}", text, did_you_mean(text, verb_names())));
  return *verb;
}

const EventInfo& read_event(const TomlValue& value) {
  const std::string& text = as_text(value, "event");
  if (const EventInfo* info = protocol::find_event(text)) return *info;
  std::vector<std::string_view> names;
  for (const EventInfo& info : protocol::event_catalogue()) names.push_back(info.name);
  mistake(value.where, fmt::format("there is no event \"{}\"; {}", text, did_you_mean(text, names)));
}

ErrorCode read_code(const TomlValue& value) {
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

// By name or by number.
std::int16_t read_api(const TomlValue& value) {
  std::vector<std::string_view> names;
  for (const protocol::Api& api : protocol::apis()) {
    if (api.internal) continue;  // the controller answers those, and faults meet requests at brokers
    names.push_back(api.name);
    const auto* const number = std::get_if<std::int64_t>(&value.data);
    if (number ? *number == api.key : value.text() && *value.text() == api.name) return api.key;
  }
  if (const auto* const number = std::get_if<std::int64_t>(&value.data)) {
    mistake(value.where, fmt::format("brokers answer no API with the key {}; name one of {}", *number, fmt::join(names, ", ")));
  }
  const std::string& text = as_text(value, "api");
  mistake(value.where, fmt::format("brokers answer no API \"{}\"; {}", text, did_you_mean(text, names)));
}

// ---- What exists

void check_partition(const TomlValue& value, const TopicPartition& partition, const Scenario& scenario) {
  std::vector<std::string_view> names;
  for (const ScenarioTopic& topic : scenario.topics) {
    names.push_back(topic.name);
    if (topic.name != partition.topic) continue;
    if (partition.partition < topic.partitions) return;
    mistake(value.where, fmt::format("there is no partition {}; {} has {}, so choose from {}-0 to {}-{}", to_string(partition),
                                     topic.name, topic.partitions, topic.name, topic.name, topic.partitions - 1));
  }
  mistake(value.where, fmt::format("no topic \"{}\" is declared; {}", partition.topic,
                                   names.empty() ? "declare it with [[topic]]" : did_you_mean(partition.topic, names)));
}

void check_exists(const TomlValue& value, const Target& target, const Scenario& scenario) {
  switch (target.kind) {
    case Target::Kind::broker:
      if (target.broker.value < scenario.brokers) return;
      mistake(value.where,
              fmt::format("there is no {}; the cluster has broker:0 to broker:{}", to_string(target), scenario.brokers - 1));
    case Target::Kind::leader:
      check_partition(value, target.partition, scenario);
      return;
    case Target::Kind::followers:
      check_partition(value, target.partition, scenario);
      for (const ScenarioTopic& topic : scenario.topics) {
        if (topic.name != target.partition.topic || topic.replicas > 1) continue;
        mistake(value.where, fmt::format("{} has one replica, so nobody follows; raise its replicas", topic.name));
      }
      return;
    case Target::Kind::client: {
      std::vector<std::string> known;
      for (std::size_t i = 0; i < scenario.producers.size(); ++i) known.push_back(client_id(scenario, i));
      if (std::find(known.begin(), known.end(), target.client) != known.end()) return;
      const std::vector<std::string_view> names(known.begin(), known.end());
      mistake(value.where, fmt::format("no producer is the client \"{}\"; {}", target.client,
                                       names.empty() ? "declare one with [[producer]]" : did_you_mean(target.client, names)));
    }
    default:
      return;
  }
}

Target read_target(const TomlValue& value, std::string_view key, const Scenario& scenario) {
  const auto target = Target::parse(as_text(value, key));
  if (!target) mistake(value.where, target.error());
  check_exists(value, *target, scenario);
  return *target;
}

// ---- When

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

Trigger read_trigger(const TomlValue& value, const std::string& title, const Scenario& scenario) {
  constexpr auto keys = std::to_array<std::string_view>({"event", "at", "records", "batches", "after", "delay"});
  const TomlFields when(value, "the when of " + title, keys);
  Trigger trigger;
  trigger.after = when.text("after", "");
  trigger.delay = when.duration("delay", protocol::Duration::zero());
  trigger.records = when.integer("records", any_count, 0);
  trigger.batches = when.integer("batches", any_count, 0);

  const TomlValue* const event = when.find("event");
  if (!event) {
    for (const std::string_view key : {"at", "records", "batches"}) {
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
  if (const TomlValue* at = when.find("at")) {
    trigger.at = read_target(*at, "at", scenario);
    const std::vector<Target::Kind> nodes = nodes_that_note(info.emitter);
    if (std::find(nodes.begin(), nodes.end(), trigger.at.kind) == nodes.end()) {
      mistake(at->where, fmt::format("\"{}\" is never noted at {}; write it as in at = \"{}\", or leave at out", info.name,
                                     to_string(trigger.at), example(nodes.front())));
    }
  }
  return trigger;
}

// ---- What and to whom

void read_link(const TomlFields& fields, Fault& fault, const Scenario& scenario) {
  constexpr auto keys = std::to_array<std::string_view>({"from", "to"});
  const std::string_view verb = name(fault.verb);
  const TomlValue* from = fields.find("from");
  const TomlValue* to = fields.find("to");
  if (const TomlValue* target = fields.find("target")) {
    if (from || to) mistake(target->where, "a link is given twice; write either target, or from and to");
    if (target->text()) {
      mistake(target->where,
              fmt::format("{} strikes a link, which has two ends; write target = {{ from = \"{}\", to = \"...\" }}", verb,
                          *target->text()));
    }
    const TomlFields ends(*target, "the target of " + fields.title(), keys);
    from = &ends.require("from", "\"leader:orders-0\"");
    to = &ends.require("to", "\"followers:orders-0\"");
  }
  if (!from && !to && fault.verb == Verb::heal) return;  // every link
  if (!from || !to) {
    mistake(fields.where(), fmt::format("{} strikes a link, which has two ends; write from and to", verb));
  }
  fault.from = read_target(*from, "from", scenario);
  fault.to = read_target(*to, "to", scenario);
  if (fault.from == fault.to && fault.from.kind != Target::Kind::all && fault.from.kind != Target::Kind::followers) {
    mistake(to->where, fmt::format("no link leads from {} to itself; name two nodes", to_string(fault.from)));
  }
  fault.one_way = fields.truth("one-way", false);
  if (fault.one_way && fault.verb == Verb::reset) {
    mistake(fields.find("one-way")->where, "a connection is reset for both its ends; leave one-way out");
  }
}

void read_node(const TomlFields& fields, Fault& fault, const Scenario& scenario) {
  const std::string_view verb = name(fault.verb);
  const TomlValue& value = fields.require("target", "\"leader:orders-0\"");
  if (value.table()) mistake(value.where, fmt::format("{} strikes nodes; write target = \"leader:orders-0\"", verb));
  fault.target = read_target(value, "target", scenario);
  if (fault.target.kind == Target::Kind::client && fault.verb == Verb::restart) {
    mistake(value.where, "a producer does not come back; restart a broker, the controller or \"killed\"");
  }
  if (fault.target.kind == Target::Kind::killed && fault.verb != Verb::restart) {
    mistake(value.where, fmt::format("{} of what is dead already does nothing; name living nodes", verb));
  }
}

void read_request(const TomlFields& fields, Fault& fault, const Scenario& scenario) {
  constexpr auto keys = std::to_array<std::string_view>({"api", "partition", "client", "nth", "times"});
  if (const TomlValue* value = fields.find("target")) {
    fault.target = read_target(*value, "target", scenario);
    using enum Target::Kind;
    const auto brokers = {leader, followers, broker, all};
    if (std::find(brokers.begin(), brokers.end(), fault.target.kind) == brokers.end()) {
      mistake(value->where, fmt::format("{} meets requests at brokers, not at {}; write target = \"leader:orders-0\"",
                                        name(fault.verb), to_string(fault.target)));
    }
  }
  if (const TomlValue* value = fields.find("request")) {
    const TomlFields request(*value, "the request of " + fields.title(), keys);
    if (const TomlValue* api = request.find("api")) fault.request.api_key = read_api(*api);
    if (const TomlValue* partition = request.find("partition")) {
      // Written as in a target, but for the role.
      const auto target = Target::parse("leader:" + as_text(*partition, "partition"));
      if (!target) mistake(partition->where, "a partition is named as topic-number; write it as in partition = \"orders-0\"");
      check_partition(*partition, target->partition, scenario);
      fault.request.partition = target->partition;
    }
    if (const TomlValue* client = request.find("client")) {
      fault.request.client = as_text(*client, "client");
      // Followers are clients too.
      bool known = false;
      for (int id = 0; id < scenario.brokers; ++id) known |= fault.request.client == fmt::format("broker-{}-fetcher", id);
      Target target;
      target.kind = Target::Kind::client;
      target.client = fault.request.client;
      if (!known) check_exists(*client, target, scenario);
    }
    fault.request.nth = request.integer("nth", any_count, 1);
    fault.request.times = request.integer("times", any_count, 1);
    if (fault.verb == Verb::drop_after_append && fault.request.api_key.value_or(0) != 0) {
      mistake(request.find("api")->where, "only Produce appends; leave api out, or use drop-answer");
    }
  }
  if (fault.verb == Verb::error_on_nth) {
    fault.code = read_code(fields.require("code", "\"NOT_ENOUGH_REPLICAS\""));
  }
}

void read_fires(const TomlValue& value, Fault& fault, const std::string& title) {
  constexpr auto keys = std::to_array<std::string_view>({"before"});
  if (value.table()) {
    fault.fires_before = read_era_bound(TomlFields(value, "the fires of " + title, keys).require("before", "\"0.11\""));
    return;
  }
  const std::string& text = as_text(value, "fires");
  if (text == "sometimes") {
    fault.fires = Fires::sometimes;
  } else if (text != "always") {
    mistake(value.where,
            fmt::format("fires = \"{}\" says nothing; write \"always\", \"sometimes\" or {{ before = \"0.11\" }}", text));
  }
}

// A key that the fault's verb has no use for is more likely a mistake than a wish.
void refuse_useless(const TomlFields& fields, Verb verb) {
  const auto refuse = [&](std::string_view key, std::string_view reason) {
    if (const TomlValue* value = fields.find(key)) {
      mistake(value->where, fmt::format("{} has no use for {}, {}; leave it out", name(verb), key, reason));
    }
  };
  if (!is_link_fault(verb)) {
    for (const std::string_view key : {"from", "to", "one-way"}) refuse(key, "which is for links");
  }
  if (!is_request_fault(verb)) refuse("request", "which is for faults at dispatch");
  if (verb != Verb::error_on_nth) refuse("code", "which is for error-on-nth");
}

Fault read_fault(const TomlValue& value, std::size_t place, const Scenario& scenario) {
  constexpr auto keys =
      std::to_array<std::string_view>({"id", "when", "do", "target", "from", "to", "one-way", "request", "code", "fires"});
  Fault fault;
  const TomlValue* const id = value.find("id");
  fault.id = id ? as_text(*id, "id") : fmt::format("fault-{}", place + 1);
  if (fault.id.empty()) mistake(id->where, "an id is empty; name the fault, or leave id out");

  const TomlFields fields(value, "[[fault]] " + fault.id, keys);
  fault.verb = read_verb(fields.require("do", "\"kill\""));
  if (const TomlValue* when = fields.find("when")) fault.when = read_trigger(*when, fields.title(), scenario);
  refuse_useless(fields, fault.verb);
  if (is_link_fault(fault.verb)) {
    read_link(fields, fault, scenario);
  } else if (is_request_fault(fault.verb)) {
    read_request(fields, fault, scenario);
  } else {
    read_node(fields, fault, scenario);
  }
  if (const TomlValue* fires = fields.find("fires")) read_fires(*fires, fault, fields.title());
  return fault;
}

// Every `after` names another fault, and no fault waits for itself, not even through others.
void check_order(const TomlValue::List& tables, const broker::FaultPlan& plan) {
  const auto find = [&](const std::string& id) {
    return std::find_if(plan.begin(), plan.end(), [&](const Fault& fault) { return fault.id == id; });
  };
  for (std::size_t i = 0; i < plan.size(); ++i) {
    if (plan[i].when.after.empty()) continue;
    const TomlValue& after = *tables[i].find("when")->find("after");
    if (find(plan[i].when.after) == plan.end()) {
      std::vector<std::string_view> ids;
      for (const Fault& fault : plan) {
        if (fault.id != plan[i].id) ids.push_back(fault.id);
      }
      mistake(after.where,
              fmt::format("no fault has the id \"{}\"; {}", plan[i].when.after,
                          ids.empty() ? "there is no other fault to wait for" : did_you_mean(plan[i].when.after, ids)));
    }
    std::string id = plan[i].when.after;
    for (std::size_t steps = 0; !id.empty() && steps < plan.size(); ++steps) {
      if (id == plan[i].id) {
        mistake(after.where, fmt::format("{} waits for itself; let one fault of the circle wait for an event", plan[i].id));
      }
      const auto next = find(id);
      id = next == plan.end() ? "" : next->when.after;
    }
  }
}

}  // namespace

std::string read_era_bound(const TomlValue& value) {
  const std::string& text = as_text(value, "before");
  std::vector<std::string_view> known;
  for (const protocol::Era& era : protocol::eras().subspan(1)) known.push_back(era.from);
  if (std::find(known.begin(), known.end(), text) == known.end()) {
    mistake(value.where, fmt::format("no rule changed with Kafka \"{}\"; eras begin with {}", text, fmt::join(known, ", ")));
  }
  return text;
}

broker::FaultPlan read_faults(const TomlValue::List& faults, const Scenario& scenario) {
  broker::FaultPlan plan;
  std::set<std::string> ids;
  for (std::size_t i = 0; i < faults.size(); ++i) {
    plan.push_back(read_fault(faults[i], i, scenario));
    if (!ids.insert(plan.back().id).second) {
      const TomlValue* const id = faults[i].find("id");
      mistake(id ? id->where : faults[i].where, fmt::format("two faults have the id \"{}\"; rename one", plan.back().id));
    }
  }
  check_order(faults, plan);
  return plan;
}

}  // namespace acklab::lab
