// The table of configuration keys: what each is called, for a broker and for a topic, what it may be, and what it means. Whatever reads,
// checks, lists or explains a key does it from here. Defaults are those of BrokerConfig and TopicConfig.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "broker/config.h"

namespace acklab::broker {

// Kafka's ConfigDef.Type, by the numbers that DescribeConfigs has for them.
enum class ConfigType : std::int8_t { boolean = 1, string = 2, int32 = 3, int16 = 4, int64 = 5, float64 = 6, list = 7 };

// What a key may be, and where its value lies.
template <class Config>
struct Values {
  ConfigType type{};
  std::string_view words;                                                    // "true or false"; empty for whole numbers
  std::int64_t low = 0, high = INT64_MAX;                                    // of whole numbers
  Result<void, std::string> (*set)(Config& config, std::string_view value);  // the error does not name the key
  std::string (*show)(const Config& config);
};

// Whether a running broker takes a new value.
enum class Update { at_start, at_any_time };

// A key that only a broker has.
struct BrokerKey {
  std::string_view name;
  std::string_view meaning;
  Values<BrokerConfig> values;
  Update update = Update::at_start;
};

// What a broker calls the value of all topics that have none of their own.
struct BrokerName {
  std::string_view name;              // empty: none
  std::chrono::milliseconds unit{1};  // of a time
};

// A key that a topic has.
struct TopicKey {
  std::string_view name;
  // The one that counts before the others is first, and can be changed at any time; the last has the default.
  std::array<BrokerName, 3> broker_names;
  std::string_view meaning;
  Values<TopicConfig> values;
};

// Both in the order of their names.
std::span<const BrokerKey> broker_keys();
std::span<const TopicKey> topic_keys();

// Null if there is none.
const BrokerKey* find_broker_key(std::string_view name);
const TopicKey* find_topic_key(std::string_view name);

// A broker's name for a topic's key: which key, and the how-manieth name; a null key if it is none.
struct NamedDefault {
  const TopicKey* key = nullptr;
  std::size_t rank = 0;

  const BrokerName& name() const { return key->broker_names[rank]; }
};
NamedDefault find_default(std::string_view broker_name);

}  // namespace acklab::broker
