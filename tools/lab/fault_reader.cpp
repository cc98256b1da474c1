#include "tools/lab/fault_reader.h"

#include <algorithm>
#include <array>
#include <set>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "broker/dispatch.h"
#include "protocol/messages/registry.h"
#include "tools/lab/json_value.h"
#include "tools/lab/toml_fields.h"
#include "tools/lab/trigger_reader.h"

namespace acklab::lab {

using broker::Fault;
using broker::Fires;
using broker::LinkTarget;
using broker::Target;
using broker::Verb;
using broker::VerbKind;
using protocol::ErrorCode;

namespace {

// What a full disk may have left.
constexpr IntegerRange any_room = {0, 1'000'000'000'000};

// A link that is to be slowed carries at least a byte a second.
constexpr IntegerRange any_bandwidth = {1, 1'000'000'000'000};

// ---- Names

Verb read_verb(const TomlValue& value) {
  const std::string& text = as_text(value, "do");
  const auto verb = broker::verb_named(text);
  if (!verb) mistake(value.where, fmt::format("nothing can do \"{}\"; {}", text, did_you_mean(text, broker::verb_names())));
  return *verb;
}

// By name or by number.
std::int16_t read_api(const TomlValue& value) {
  std::vector<std::string_view> names;
  for (const broker::ServedApi& served : broker::served_apis()) {
    const protocol::Api& api = *protocol::find_api(served.key);
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

// ---- What and to whom

// Both ends of a link, in one text, as a table, or as two keys.
void read_link(const TomlFields& fields, Fault& fault, const FaultGround& ground) {
  constexpr auto keys = std::to_array<std::string_view>({"from", "to"});
  const std::string_view verb = name(fault.verb);
  const TomlValue* from = fields.find("from");
  const TomlValue* to = fields.find("to");
  const TomlValue* target = fields.find("target");
  if (target && (from || to)) mistake(target->where, "a link is given twice; write either target, or from and to");
  if (target && target->text()) {
    if (!target->text()->starts_with(LinkTarget::prefix)) {
      mistake(target->where,
              fmt::format("{} strikes a link, which has two ends; write target = {{ from = \"{}\", to = \"...\" }}", verb,
                          *target->text()));
    }
    const auto link = LinkTarget::parse(*target->text());
    if (!link) mistake(target->where, link.error());
    if (const TomlValue* one_way = fields.find("one-way")) {
      mistake(one_way->where, "the link says whether it is one way: \">\", or both: \"<>\"; leave one-way out");
    }
    for (const Target* end : {&link->from, &link->to}) ground.check_exists(*target, *end);
    fault.link = *link;
  } else {
    if (target) {
      const TomlFields ends(*target, "the target of " + fields.title(), keys);
      from = &ends.require("from", "\"leader:orders-0\"");
      to = &ends.require("to", "\"followers:orders-0\"");
    }
    if (!from && !to && fault.verb == Verb::heal) return;  // every link
    if (!from || !to) {
      mistake(fields.where(), fmt::format("{} strikes a link, which has two ends; write from and to", verb));
    }
    fault.link.from = read_target(*from, "from", ground);
    fault.link.to = read_target(*to, "to", ground);
    fault.link.one_way = fields.truth("one-way", false);
    target = to;
    if (fault.link.one_way && fault.verb == Verb::reset) {
      mistake(fields.find("one-way")->where, "a connection is reset for both its ends; leave one-way out");
    }
  }
  const auto is_many = [](const Target& end) { return end.kind == Target::Kind::all || end.kind == Target::Kind::followers; };
  if (fault.link.from == fault.link.to && !is_many(fault.link.from)) {
    mistake(target->where, fmt::format("no link leads from {} to itself; name two nodes", to_string(fault.link.from)));
  }
}

void read_slowness(const TomlFields& fields, Fault& fault) {
  fault.slowness.latency = fields.duration("latency", protocol::Duration::zero());
  fault.slowness.bytes_per_second = fields.integer("bandwidth", any_bandwidth, 0);
  if (!fields.find("latency") && !fields.find("bandwidth")) {
    mistake(fields.where(), "slow says how much; write latency = \"50ms\", bandwidth = 1000000 (bytes a second), or both");
  }
}

void read_node(const TomlFields& fields, Fault& fault, const FaultGround& ground) {
  const std::string_view verb = name(fault.verb);
  const TomlValue& value = fields.require("target", "\"leader:orders-0\"");
  if (value.table()) mistake(value.where, fmt::format("{} strikes nodes; write target = \"leader:orders-0\"", verb));
  fault.target = read_target(value, "target", ground);
  using enum Target::Kind;
  const Target::Kind kind = fault.target.kind;
  if (kind == partition) {
    mistake(value.where, fmt::format("{} strikes nodes; write target = \"leader:{}\"", verb, to_string(fault.target.partition)));
  }
  if (kind == client && fault.verb == Verb::restart) {
    mistake(value.where, "a producer does not come back; restart a broker, the controller or \"killed\"");
  }
  if ((kind == client || kind == controller) && fault.verb == Verb::controlled_shutdown) {
    mistake(value.where, fmt::format("{} is for brokers; write target = \"leader:orders-0\"", verb));
  }
  if (kind == killed && fault.verb != Verb::restart) {
    mistake(value.where, fmt::format("{} of what is dead already does nothing; name living nodes", verb));
  }
  if (kind == paused && fault.verb == Verb::pause) {
    mistake(value.where, "what is paused already stands still; name other nodes");
  }
  if (fault.verb == Verb::clock_jump) fault.by = as_leap(fields.require("by", "\"1h\", or \"-1h\""), "by");
}

void read_disk(const TomlFields& fields, Fault& fault, const FaultGround& ground) {
  const std::string_view verb = name(fault.verb);
  const TomlValue& value = fields.require("target", "\"leader:orders-0\"");
  if (value.table()) mistake(value.where, fmt::format("{} strikes a node's disk; write target = \"leader:orders-0\"", verb));
  fault.target = read_target(value, "target", ground);
  using enum Target::Kind;
  const Target::Kind kind = fault.target.kind;
  if (fault.verb == Verb::corrupt && kind != leader && kind != followers) {
    mistake(value.where, "corrupt strikes the log of a partition; write target = \"leader:orders-0\" or \"followers:orders-0\"");
  }
  if (kind == client || kind == partition || (kind == killed && fault.verb != Verb::mend_disk) || kind == paused) {
    mistake(value.where,
            fmt::format("{} strikes the disk of a broker or the controller; write target = \"leader:orders-0\"", verb));
  }
  if (fault.verb == Verb::disk_full) fault.room = fields.integer("room", any_room, 0);
  if (fault.verb == Verb::slow_disk) fault.by = as_duration(fields.require("by", "\"20ms\""), "by");
}

void read_partition(const TomlFields& fields, Fault& fault, const FaultGround& ground) {
  const TomlValue& value = fields.require("target", "\"partition:orders-0\"");
  if (value.text()) fault.target = read_target(value, "target", ground);
  if (fault.target.kind != Target::Kind::partition) {
    mistake(value.where, fmt::format("{} is about a partition; write target = \"partition:orders-0\"", name(fault.verb)));
  }
}

void read_request(const TomlFields& fields, Fault& fault, const FaultGround& ground) {
  constexpr auto keys = std::to_array<std::string_view>({"api", "partition", "client", "nth", "times"});
  if (const TomlValue* value = fields.find("target")) {
    fault.target = read_target(*value, "target", ground);
    using enum Target::Kind;
    const auto brokers = {leader, followers, broker, all};
    // The requests of a client, at whichever broker.
    if (fault.target.kind == client) fault.request.client = std::exchange(fault.target, {}).client;
    if (fault.request.client.empty() && std::find(brokers.begin(), brokers.end(), fault.target.kind) == brokers.end()) {
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
      ground.check_partition(*partition, target->partition);
      fault.request.partition = target->partition;
    }
    if (const TomlValue* client = request.find("client")) {
      if (!fault.request.client.empty())
        mistake(client->where, "the client is given twice; leave it out of request, or out of target");
      fault.request.client = as_text(*client, "client");
      ground.check_requester(*client, fault.request.client);
    }
    fault.request.nth = request.integer("nth", any_count, 1);
    fault.request.times = request.integer("times", any_count, 1);
    if (fault.verb == Verb::drop_after_append && fault.request.api_key.value_or(0) != 0) {
      mistake(request.find("api")->where, "only Produce appends; leave api out, or use drop-answer");
    }
  }
  if (fault.verb == Verb::error_on_nth) {
    fault.code = read_error_code(fields.require("code", "\"NOT_ENOUGH_REPLICAS\""));
  }
  if (fields.find("by")) fault.by = fields.duration("by", protocol::Duration::zero());
  if (fault.verb == Verb::delay && !fault.by) mistake(fields.where(), "delay says how long; write by = \"500ms\"");
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
  if (kind(verb) != VerbKind::link) {
    for (const std::string_view key : {"from", "to", "one-way"}) refuse(key, "which is for links");
  }
  if (kind(verb) != VerbKind::request) refuse("request", "which is for faults at dispatch");
  if (verb != Verb::error_on_nth) refuse("code", "which is for error-on-nth");
  if (verb != Verb::delay && verb != Verb::hold_answer && verb != Verb::slow_disk && verb != Verb::clock_jump) {
    refuse("by", "which is for delay, hold-answer, slow-disk and clock-jump");
  }
  if (verb != Verb::disk_full) refuse("room", "which is for disk-full");
  if (verb != Verb::slow) {
    for (const std::string_view key : {"latency", "bandwidth"}) refuse(key, "which is for slow");
  }
}

constexpr auto fault_keys = std::to_array<std::string_view>(
    {"id", "when", "do", "target", "from", "to", "one-way", "request", "code", "by", "room", "latency", "bandwidth", "fires"});

// `id` is what it is called if the table does not say.
Fault read_fault(const TomlValue& value, std::string id, const FaultGround& ground) {
  Fault fault;
  const TomlValue* const given = value.find("id");
  fault.id = given ? as_text(*given, "id") : std::move(id);
  if (given && fault.id.empty()) mistake(given->where, "an id is empty; name the fault, or leave id out");

  const TomlFields fields(value, fault.id.empty() ? "a fault" : "[[fault]] " + fault.id, fault_keys);
  fault.verb = read_verb(fields.require("do", "\"kill\""));
  if (const TomlValue* when = fields.find("when")) fault.when = read_trigger(*when, fields.title(), ground);
  refuse_useless(fields, fault.verb);
  switch (kind(fault.verb)) {
    case VerbKind::link:
      read_link(fields, fault, ground);
      if (fault.verb == Verb::slow) read_slowness(fields, fault);
      break;
    case VerbKind::request:
      read_request(fields, fault, ground);
      break;
    case VerbKind::partition:
      read_partition(fields, fault, ground);
      break;
    case VerbKind::node:
      read_node(fields, fault, ground);
      break;
    case VerbKind::disk:
      read_disk(fields, fault, ground);
      break;
    case VerbKind::nothing:
      if (const TomlValue* target = fields.find("target")) {
        mistake(target->where, "mark does nothing to anybody; leave target out");
      }
      break;
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
  const FaultGround ground = FaultGround::of(scenario);
  broker::FaultPlan plan;
  std::set<std::string> ids;
  for (std::size_t i = 0; i < faults.size(); ++i) {
    plan.push_back(read_fault(faults[i], fmt::format("fault-{}", i + 1), ground));
    if (!ids.insert(plan.back().id).second) {
      const TomlValue* const id = faults[i].find("id");
      mistake(id ? id->where : faults[i].where, fmt::format("two faults have the id \"{}\"; rename one", plan.back().id));
    }
  }
  check_order(faults, plan);
  return plan;
}

protocol::Result<broker::Fault, std::string> read_fault_json(std::string_view json, const FaultGround& ground) {
  const auto value = parse_json(json, "fault");
  if (!value) return protocol::failure(value.error());
  try {
    if (!value->table()) mistake(value->where, R"(a fault is an object, as in {"do": "kill", "target": "leader:orders-0"})");
    return read_fault(*value, "", ground);
  } catch (const ScenarioMistake& error) {
    return protocol::failure(error.what());
  }
}

}  // namespace acklab::lab
