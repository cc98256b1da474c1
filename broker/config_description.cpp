#include "broker/config_description.h"

#include <algorithm>
#include <charconv>
#include <span>

namespace acklab::broker {

namespace {

void add_from(const Settings& settings, ConfigSource source, std::span<const BrokerName> names,
              std::vector<SourcedValue>& values) {
  for (const BrokerName& name : names) {
    const auto found = settings.find(std::string(name.name));
    if (found != settings.end()) values.push_back({found->first, found->second, source});
  }
}

// Only the last name has a default, in its own unit.
std::string default_of(const TopicKey& key, const BrokerName& last, const BrokerConfig& built_in) {
  std::string text = key.values.show(built_in.topics);
  if (last.unit.count() == 1) return text;
  std::int64_t milliseconds = 0;
  std::from_chars(text.data(), text.data() + text.size(), milliseconds);
  return std::to_string(milliseconds / last.unit.count());
}

std::span<const BrokerName> names_of(const TopicKey& key) {
  const auto end = std::ranges::find(key.broker_names, std::string_view{}, &BrokerName::name);
  return {key.broker_names.begin(), end};
}

std::vector<SourcedValue> values_of(std::span<const BrokerName> names, std::string built_in, const BrokerLayers& broker) {
  std::vector<SourcedValue> values;
  add_from(broker.own, ConfigSource::broker, names, values);
  add_from(broker.all_brokers, ConfigSource::all_brokers, names, values);
  add_from(broker.at_start.given, ConfigSource::at_start, names, values);
  values.push_back({std::string(names.back().name), std::move(built_in), ConfigSource::built_in});
  return values;
}

// A broker's key has the values under its own name and what would be in force without them.
DescribedKey described(std::string_view name, std::string_view meaning, ConfigType type, Update update,
                       std::vector<SourcedValue> values) {
  const auto own = std::ranges::find(values, name, &SourcedValue::name);
  values.erase(values.begin(), own);
  DescribedKey key{.name = name,
                   .meaning = meaning,
                   .type = type,
                   .read_only = update == Update::at_start,
                   .value = {},
                   .synonyms = std::move(values)};
  if (!key.synonyms.empty()) key.value = key.synonyms.front().value;
  return key;
}

}  // namespace

BrokerConfig altered(BrokerConfig config, const Settings& settings) {
  for (const auto& [key, value] : settings)
    static_cast<void>(config.set(key, value));  // whoever wrote them down has checked them
  return config;
}

std::vector<DescribedKey> describe_topic(const Settings& topic, const BrokerLayers& broker) {
  const TopicConfig effective = altered(altered(broker.at_start, broker.all_brokers), broker.own).of_topic(topic);
  std::vector<DescribedKey> all;
  for (const TopicKey& key : topic_keys()) {
    const auto names = names_of(key);
    DescribedKey& one = all.emplace_back();
    one.name = key.name;
    one.meaning = key.meaning;
    one.type = key.values.type;
    one.value = key.values.show(effective);
    one.synonyms = values_of(names, default_of(key, names.back(), broker.built_in), broker);
    if (const auto own = topic.find(std::string(key.name)); own != topic.end()) {
      one.synonyms.insert(one.synonyms.begin(), {own->first, own->second, ConfigSource::topic});
    }
  }
  return all;
}

std::vector<DescribedKey> describe_broker(const BrokerLayers& broker) {
  std::vector<DescribedKey> all;
  for (const BrokerKey& key : broker_keys()) {
    const BrokerName name{key.name};
    all.push_back(described(key.name, key.meaning, key.values.type, key.update,
                            values_of({&name, 1}, key.values.show(broker.built_in), broker)));
  }
  for (const TopicKey& key : topic_keys()) {
    const auto names = names_of(key);
    const auto values = values_of(names, default_of(key, names.back(), broker.built_in), broker);
    for (const BrokerName& name : names) {
      if (find_broker_key(name.name) != nullptr) continue;  // told of already
      const Update update = &name == &names.front() ? Update::at_any_time : Update::at_start;
      all.push_back(described(name.name, key.meaning, key.values.type, update, values));
    }
  }
  std::ranges::sort(all, {}, &DescribedKey::name);
  return all;
}

std::vector<DescribedKey> describe_all_brokers(const BrokerLayers& broker) {
  std::vector<DescribedKey> all = describe_broker(broker);
  std::erase_if(all, [&](const DescribedKey& key) { return !broker.all_brokers.contains(std::string(key.name)); });
  for (DescribedKey& key : all) {
    key.value = broker.all_brokers.at(std::string(key.name));
    std::erase_if(key.synonyms, [](const SourcedValue& value) { return value.source != ConfigSource::all_brokers; });
  }
  return all;
}

}  // namespace acklab::broker
