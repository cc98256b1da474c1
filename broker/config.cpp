// From texts to configurations, by the table of keys.
#include "broker/config.h"

#include <fmt/format.h>

#include <algorithm>
#include <climits>
#include <vector>

#include "broker/config_key.h"
#include "broker/config_values.h"
#include "protocol/nearest.h"

namespace acklab::broker {

using protocol::failure;

namespace {

using Outcome = Result<void, std::string>;

// Keys and values come from clients too, and go back to them in error lines: nothing of unbounded length may.
constexpr std::size_t longest_text = 100;

Outcome check_lengths(std::string_view key, std::string_view value) {
  if (key.size() > longest_text) return failure(fmt::format("unknown key of {} characters", key.size()));
  if (value.size() > longest_text) return failure(fmt::format("{}: no value has {} characters", key, value.size()));
  return {};
}

auto unknown(std::string_view key, const std::vector<std::string_view>& known) {
  return failure(fmt::format("unknown key \"{}\": did you mean \"{}\"?", key, protocol::nearest(key, known)));
}

template <class Config>
Outcome store(const Values<Config>& values, Config& config, std::string_view key, std::string_view value) {
  auto stored = values.set(config, value);
  if (!stored) return failure(fmt::format("{}: {}", key, stored.error()));
  return stored;
}

// Hours and minutes become milliseconds; below zero all mean "for ever".
Outcome store_default(const NamedDefault& named, TopicConfig& topics, std::string_view value) {
  const BrokerName& name = named.name();
  if (name.unit.count() == 1) return store(named.key->values, topics, name.name, value);
  const auto number = parse_integer(value, named.key->values.low, INT_MAX);
  if (!number) return failure(fmt::format("{}: {}", name.name, number.error()));
  return store(named.key->values, topics, name.name, std::to_string(*number < 0 ? -1 : *number * name.unit.count()));
}

// Whether a name that counts before this one was set.
bool overruled(const NamedDefault& named, const Settings& given) {
  const auto& names = named.key->broker_names;
  return std::any_of(names.begin(), names.begin() + static_cast<std::ptrdiff_t>(named.rank),
                     [&](const BrokerName& before) { return given.contains(std::string(before.name)); });
}

std::vector<std::string_view> names_of_topic_keys() {
  std::vector<std::string_view> names;
  for (const TopicKey& key : topic_keys()) names.push_back(key.name);
  return names;
}

std::vector<std::string_view> names_of_broker_keys() {
  std::vector<std::string_view> names;
  for (const BrokerKey& key : broker_keys()) names.push_back(key.name);
  for (const TopicKey& key : topic_keys()) {
    for (const BrokerName& name : key.broker_names) {
      if (!name.name.empty()) names.push_back(name.name);
    }
  }
  return names;
}

}  // namespace

Outcome TopicConfig::set(std::string_view key, std::string_view value) {
  if (auto readable = check_lengths(key, value); !readable) return readable;
  const TopicKey* const known = find_topic_key(key);
  if (known == nullptr) return unknown(key, names_of_topic_keys());
  return store(known->values, *this, key, trimmed(value));
}

Outcome TopicConfig::check() const {
  if (min_compaction_lag > max_compaction_lag) {
    return failure(fmt::format("min.compaction.lag.ms: {} is more than max.compaction.lag.ms, which is {}",
                               min_compaction_lag.count(), max_compaction_lag.count()));
  }
  return {};
}

BrokerConfig BrokerConfig::defaults(const protocol::Era& era) {
  BrokerConfig config;
  config.topics.unclean_leader_election = era.unclean_election_by_default;
  config.topics.max_message_bytes = era.message_max_bytes;
  if (!era.bounds_future_timestamps) config.topics.timestamp_after_max = TopicConfig::Milliseconds{INT64_MAX};
  return config;
}

Outcome BrokerConfig::set(std::string_view key, std::string_view value) {
  if (auto readable = check_lengths(key, value); !readable) return readable;
  value = trimmed(value);
  const BrokerKey* const own = find_broker_key(key);
  const NamedDefault named = find_default(key);
  if (own == nullptr && named.key == nullptr) return unknown(key, names_of_broker_keys());
  Outcome stored;
  if (own != nullptr) stored = store(own->values, *this, key, value);
  // One key is both: log.flush.scheduler.interval.ms.
  if (stored && named.key != nullptr) {
    TopicConfig changed = topics;
    stored = store_default(named, changed, value);
    if (stored && !overruled(named, given)) topics = changed;
  }
  if (stored) given[std::string(key)] = value;
  return stored;
}

TopicConfig BrokerConfig::of_topic(const Settings& settings) const {
  TopicConfig config = topics;
  for (const auto& [key, value] : settings) static_cast<void>(config.set(key, value));
  return config;
}

Duration timer_for(std::chrono::milliseconds time) {
  constexpr std::chrono::milliseconds for_ever = std::chrono::hours(24 * 365 * 100);
  return std::min(time, for_ever);
}

}  // namespace acklab::broker
