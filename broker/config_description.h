// What is configured, and where each value comes from: what DescribeConfigs says of a topic or a broker. Pure.
//
//     a topic's own        AlterConfigs, CreateTopics
//     one broker's own     AlterConfigs of the broker while it runs        the first that has a value
//     all brokers'         AlterConfigs of the broker ""                   is the one in force
//     given at the start   --set, Kafka's server.properties
//     built in             of the era
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "broker/config_key.h"

namespace acklab::broker {

// Kafka's ConfigSource, by the numbers that DescribeConfigs has for it.
enum class ConfigSource : std::int8_t { topic = 1, broker = 2, all_brokers = 3, at_start = 4, built_in = 5 };

struct SourcedValue {
  std::string name;  // under which it was set: a topic's key has another name in a broker's configuration
  std::string value;
  ConfigSource source{};
};

struct DescribedKey {
  std::string_view name;
  std::string_view meaning;
  ConfigType type{};
  bool read_only = false;              // until the next start
  std::optional<std::string> value;    // nothing: this name of several has none
  std::vector<SourcedValue> synonyms;  // the one in force first

  ConfigSource source() const { return synonyms.empty() ? ConfigSource::built_in : synonyms.front().source; }
};

// What the configuration of a broker is made of.
struct BrokerLayers {
  const Settings& own;
  const Settings& all_brokers;
  const BrokerConfig& at_start;
  const BrokerConfig& built_in;
};

// In the order of the table.
std::vector<DescribedKey> describe_topic(const Settings& topic, const BrokerLayers& broker);
std::vector<DescribedKey> describe_broker(const BrokerLayers& broker);
// Only what was given to all brokers while they ran.
std::vector<DescribedKey> describe_all_brokers(const BrokerLayers& broker);

// A broker's configuration with what it was given while it runs.
BrokerConfig altered(BrokerConfig config, const Settings& settings);

}  // namespace acklab::broker
