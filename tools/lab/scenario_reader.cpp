// From a TOML document to a Scenario: everything but its faults, which fault_reader.cpp reads. What the broker's and the producer's
// configurations say about a setting is asked of them, so that a run never fails on a setting that was read without complaint.
#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <set>

#include <fmt/format.h>

#include "broker/config.h"
#include "broker/controller/topic_rules.h"
#include "producer/config.h"
#include "producer/given_settings.h"
#include "tools/lab/fault_reader.h"
#include "tools/lab/scenario.h"
#include "tools/lab/toml_fields.h"
#include "tools/lab/toml_value.h"

namespace acklab::lab {

using protocol::Duration;
using protocol::failure;
using protocol::Result;

namespace {

constexpr double max_rate = 1e9;  // the clock's nanoseconds divide a second no finer

// ---- Settings

// One setting of a `set` table, with the place to blame.
struct Setting {
  std::string key;
  std::string value;
  std::string where;
};

// Kafka takes every value as text; a file may write numbers and truths plainly. A key may be in quotation marks, or not: its dots
// then make nested tables, which mean the same.
void collect_settings(const TomlValue& table, const std::string& prefix, std::vector<Setting>& settings) {
  for (const TomlField& field : *table.table()) {
    const std::string key = prefix + field.key;
    const TomlValue& value = field.value;
    std::string text;
    if (value.table()) {
      collect_settings(value, key + ".", settings);
      continue;
    }
    if (value.text()) {
      text = *value.text();
    } else if (const auto* integer = std::get_if<std::int64_t>(&value.data)) {
      text = fmt::to_string(*integer);
    } else if (const auto* fraction = std::get_if<double>(&value.data)) {
      text = fmt::to_string(*fraction);
    } else if (const auto* truth = std::get_if<bool>(&value.data)) {
      text = *truth ? "true" : "false";
    } else {
      mistake(value.where, fmt::format("{} cannot be {}; write text, a number, true or false", key, kind(value)));
    }
    settings.push_back({key, std::move(text), value.where});
  }
}

// `check` says what is wrong with settings, taken together. The one to blame is the one that is wrong in the same way when it stands alone.
using CheckSettings = std::function<Result<void, std::string>(const Settings&)>;

Settings read_settings(const TomlFields& fields, const CheckSettings& check) {
  const TomlValue* const value = fields.find("set");
  if (!value) return {};
  if (!value->table()) {
    mistake(value->where,
            fmt::format("set must be a table, but is {}; write it as in set = {{ \"KEY\" = VALUE }}", kind(*value)));
  }
  std::vector<Setting> settings;
  collect_settings(*value, "", settings);
  Settings all;
  for (const Setting& setting : settings) all[setting.key] = setting.value;

  if (const auto checked = check(all); !checked) {
    for (const Setting& setting : settings) {
      const auto alone = check({{setting.key, setting.value}});
      if (!alone && alone.error() == checked.error()) mistake(setting.where, checked.error());
    }
    mistake(value->where, checked.error());
  }
  return all;
}

template <class Config>
Result<void, std::string> check_each(const Settings& settings) {
  Config config;
  for (const auto& [key, value] : settings) {
    if (auto set = config.set(key, value); !set) return set;
  }
  return {};
}

Result<void, std::string> check_producer(const Settings& settings) {
  const auto config = producer::ProducerConfig::from(settings);
  if (!config) return failure(config.error());
  return {};
}

// ---- Tables

void read_cluster(const TomlValue& value, Scenario& scenario) {
  constexpr auto keys = std::to_array<std::string_view>({"brokers", "set"});
  const TomlFields cluster(value, "[cluster]", keys);
  scenario.brokers = static_cast<int>(cluster.integer("brokers", {1, max_brokers}, scenario.brokers));
  scenario.set = read_settings(cluster, check_each<broker::BrokerConfig>);
}

ScenarioTopic read_topic(const TomlValue& value, const Scenario& scenario) {
  constexpr auto keys = std::to_array<std::string_view>({"name", "partitions", "replicas", "set"});
  const TomlFields fields(value, "[[topic]]", keys);
  ScenarioTopic topic;
  const TomlValue& name = fields.require("name", "\"orders\"");
  topic.name = as_text(name, "name");
  if (const auto named = broker::check_topic_name(topic.name); !named) mistake(name.where, named.error());
  for (const ScenarioTopic& other : scenario.topics) {
    if (other.name == topic.name) mistake(name.where, fmt::format("two topics are named \"{}\"; rename one", topic.name));
  }
  topic.partitions = static_cast<int>(fields.integer("partitions", {1, broker::max_partitions_per_topic}, topic.partitions));
  topic.replicas = std::min(topic.replicas, scenario.brokers);
  if (const TomlValue* replicas = fields.find("replicas")) {
    topic.replicas = static_cast<int>(as_integer(*replicas, "replicas", {1, max_brokers}));
    if (topic.replicas > scenario.brokers) {
      mistake(replicas->where,
              fmt::format("{} replicas need as many brokers, and the cluster has {}; lower replicas or raise brokers",
                          topic.replicas, scenario.brokers));
    }
  }
  topic.set = read_settings(fields, check_each<broker::TopicConfig>);
  return topic;
}

double read_rate(const TomlValue& value) {
  const auto* const integer = std::get_if<std::int64_t>(&value.data);
  const auto* const fraction = std::get_if<double>(&value.data);
  if (!integer && !fraction)
    mistake(value.where, fmt::format("rate must be a number, but is {}; write it as in rate = 500", kind(value)));
  const double rate = integer ? static_cast<double>(*integer) : *fraction;
  if (!(rate > 0 && rate <= max_rate)) {
    mistake(value.where,
            fmt::format("rate = {} is out of range; write records per second, or leave rate out for as fast as possible", rate));
  }
  return rate;
}

std::string read_producer_topic(const TomlFields& fields, const Scenario& scenario) {
  std::vector<std::string_view> names;
  for (const ScenarioTopic& topic : scenario.topics) names.push_back(topic.name);
  if (names.empty()) mistake(fields.where(), "a producer needs a topic; declare one with [[topic]]");
  const TomlValue* const value = fields.find("topic");
  if (!value) {
    if (names.size() == 1) return std::string(names.front());
    mistake(fields.where(), fmt::format("there are {} topics, and the producer does not say which; write it as in topic = \"{}\"",
                                        names.size(), names.front()));
  }
  const std::string& topic = as_text(*value, "topic");
  if (std::find(names.begin(), names.end(), topic) == names.end()) {
    mistake(value->where, fmt::format("no topic \"{}\" is declared; {}", topic, did_you_mean(topic, names)));
  }
  return topic;
}

ScenarioProducer read_producer(const TomlValue& value, const Scenario& scenario) {
  constexpr auto keys = std::to_array<std::string_view>({"topic", "set", "records", "lines", "rate", "keys", "resend", "copies"});
  const TomlFields fields(value, "[[producer]]", keys);
  ScenarioProducer producer;
  producer.topic = read_producer_topic(fields, scenario);
  // Whoever looks into a scenario, or changes it, does so by Kafka's keys.
  producer.set = producer::canonical_settings(read_settings(fields, check_producer)).value();
  if (const TomlValue* lines = fields.find("lines")) {
    producer.lines_file = as_text(*lines, "lines");
    if (producer.lines_file->empty()) mistake(lines->where, "lines names no file; write it as in lines = \"orders.jsonl\"");
    producer.records = 0;
  }
  producer.records = fields.integer("records", {1, max_records}, producer.records);
  if (const TomlValue* rate = fields.find("rate")) producer.rate = read_rate(*rate);
  producer.keys = fields.integer("keys", {0, max_records}, producer.keys);
  producer.resend = fields.truth("resend", false);
  producer.copies = static_cast<int>(fields.integer("copies", {1, max_copies}, producer.copies));
  return producer;
}

// Faults and stories name a producer by its client.id.
void check_client_ids(const TomlValue::List& tables, const Scenario& scenario) {
  std::set<std::string> ids;
  for (std::size_t i = 0; i < scenario.producers.size(); ++i) {
    const std::string id = client_id(scenario, i);
    if (!ids.insert(id).second) {
      mistake(tables[i].where, fmt::format("two producers are the client \"{}\"; give one another client.id", id));
    }
  }
}

Expectation read_verdict(const TomlValue& value) {
  const std::string& text = as_text(value, "verdict");
  if (const auto expectation = expectation_named(text)) return *expectation;
  std::vector<std::string_view> names;
  for (int i = 0; i <= static_cast<int>(Expectation::violation); ++i) names.push_back(name(static_cast<Expectation>(i)));
  mistake(value.where, fmt::format("there is no verdict \"{}\"; {}", text, did_you_mean(text, names)));
}

std::set<Anomaly> read_must(const TomlFields& fields) {
  std::vector<std::string_view> names;
  for (int i = 0; i < anomaly_count; ++i) names.push_back(name(static_cast<Anomaly>(i)));
  std::set<Anomaly> must;
  for (const TomlValue& value : fields.list("must")) {
    const std::string& text = as_text(value, "must");
    const auto found = std::find(names.begin(), names.end(), text);
    if (found == names.end()) {
      mistake(value.where, fmt::format("there is no anomaly \"{}\"; {}", text, did_you_mean(text, names)));
    }
    must.insert(static_cast<Anomaly>(found - names.begin()));
  }
  return must;
}

void read_expect(const TomlValue& value, Scenario& scenario) {
  constexpr auto keys = std::to_array<std::string_view>({"verdict", "must", "era"});
  constexpr auto era_keys = std::to_array<std::string_view>({"before", "verdict", "must"});
  const TomlFields expect(value, "[expect]", keys);
  scenario.expect = read_verdict(expect.require("verdict", "\"safe\""));
  scenario.must = read_must(expect);
  for (const TomlValue& element : expect.list("era")) {
    const TomlFields fields(element, "[[expect.era]]", era_keys);
    Scenario::EraExpectation era;
    const TomlValue& before = fields.require("before", "\"0.11\"");
    era.before = read_era_bound(before);
    era.expect = read_verdict(fields.require("verdict", "\"violation\""));
    era.must = read_must(fields);
    // Both bounds are places in the list of eras.
    const auto place = [](const std::string& bound) {
      const auto eras = protocol::eras();
      return std::find_if(eras.begin(), eras.end(), [&](const protocol::Era& each) { return each.from == bound; });
    };
    if (!scenario.eras.empty() && place(era.before) <= place(scenario.eras.back().before)) {
      mistake(before.where, fmt::format("this entry is never used, since the one above holds before {}; put older eras first",
                                        scenario.eras.back().before));
    }
    scenario.eras.push_back(std::move(era));
  }
}

Scenario read_scenario(const TomlValue& document) {
  constexpr auto keys =
      std::to_array<std::string_view>({"name", "hazard", "story", "cluster", "topic", "producer", "fault", "run", "expect"});
  const TomlFields top(document, "a scenario", keys);
  Scenario scenario;
  const TomlValue& name = top.require("name", "\"acks1-leader-kill\"");
  scenario.name = as_text(name, "name");
  const auto breaks = [](char c) { return static_cast<unsigned char>(c) < ' '; };
  if (scenario.name.empty() || std::any_of(scenario.name.begin(), scenario.name.end(), breaks)) {
    mistake(name.where, "a name is one line, and not empty; write it as in name = \"acks1-leader-kill\"");
  }
  scenario.hazard = top.text("hazard", "");
  scenario.story = top.text("story", "");
  // Each table may name what the ones before it declare, wherever they stand in the file.
  if (const TomlValue* cluster = top.find("cluster")) read_cluster(*cluster, scenario);
  for (const TomlValue& topic : top.list("topic")) scenario.topics.push_back(read_topic(topic, scenario));
  for (const TomlValue& producer : top.list("producer")) scenario.producers.push_back(read_producer(producer, scenario));
  check_client_ids(top.list("producer"), scenario);
  scenario.faults = read_faults(top.list("fault"), scenario);
  if (const TomlValue* run = top.find("run")) {
    constexpr auto run_keys = std::to_array<std::string_view>({"for"});
    const TomlFields fields(*run, "[run]", run_keys);
    scenario.run_for = fields.duration("for", scenario.run_for);
    if (scenario.run_for <= Duration::zero())
      mistake(fields.find("for")->where, "a run needs time; write it as in for = \"20s\"");
  }
  if (const TomlValue* expect = top.find("expect")) read_expect(*expect, scenario);
  return scenario;
}

}  // namespace

Result<Scenario, std::string> parse_scenario(std::string_view toml, std::string_view file,
                                             const std::vector<std::string>& overrides) {
  auto document = parse_toml(toml, file);
  if (!document) return failure(document.error());
  for (const std::string& assignment : overrides) {
    if (const auto assigned = assign(*document, assignment); !assigned) return failure(assigned.error());
  }
  try {
    return read_scenario(*document);
  } catch (const ScenarioMistake& error) {
    return failure(std::string(error.what()));
  }
}

}  // namespace acklab::lab
