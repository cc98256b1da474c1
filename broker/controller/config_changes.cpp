#include "broker/controller/config_changes.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <map>
#include <set>
#include <utility>

#include "broker/config_key.h"
#include "broker/config_values.h"
#include "broker/controller/new_records.h"
#include "broker/controller/topic_rules.h"

namespace acklab::broker {

using protocol::AlterConfigsRequest;
using protocol::AlterConfigsResponse;
using protocol::ErrorCode;
using protocol::failure;
using protocol::IncrementalAlterConfigsRequest;
using protocol::IncrementalAlterConfigsResponse;

namespace {

auto refusal(ErrorCode code, std::string message) { return failure(Refusal{code, std::move(message)}); }

// A topic, a broker, or all brokers, and what it has of its own.
struct Resource {
  ConfigResource type{};
  const TopicState* topic = nullptr;
  BrokerId broker = every_broker;
  Settings settings;

  MetadataRecord record(const Settings& next) const {
    return topic ? topic_config_record(topic->id, next) : broker_config_record(broker, next);
  }
};

Result<BrokerId, Refusal> broker_named(const std::string& name, const MetadataImage& image) {
  if (name.empty()) return every_broker;
  BrokerId broker;
  const char* const end = name.data() + name.size();
  const auto [stop, error] = std::from_chars(name.data(), end, broker.value);
  if (error != std::errc() || stop != end)
    return refusal(ErrorCode::invalid_request, "The name of a broker is its id, or \"\" for all.");
  if (!image.brokers.contains(broker)) {
    return refusal(ErrorCode::broker_id_not_registered, fmt::format("No broker with id {} found.", broker.value));
  }
  return broker;
}

Result<Resource, Refusal> find(std::int8_t type, const std::string& name, const MetadataImage& image) {
  Resource resource;
  resource.type = ConfigResource{type};
  if (resource.type == ConfigResource::topic) {
    resource.topic = image.find_topic(name);
    if (resource.topic == nullptr) return refusal(ErrorCode::unknown_topic_or_partition, "The topic does not exist.");
    resource.settings = resource.topic->settings;
    return resource;
  }
  if (resource.type != ConfigResource::broker) {
    return refusal(ErrorCode::invalid_request, fmt::format("There are no resources of type {} here.", type));
  }
  const auto broker = broker_named(name, image);
  if (!broker) return failure(broker.error());
  resource.broker = *broker;
  resource.settings = image.settings_of(*broker);
  return resource;
}

// --- Lists ---

// The topic's key behind a key, if it is a list.
const TopicKey* list_key(ConfigResource type, const std::string& name) {
  const TopicKey* const key = type == ConfigResource::topic ? find_topic_key(name) : find_default(name).key;
  return key != nullptr && key->values.type == ConfigType::list ? key : nullptr;
}

Result<std::string, Refusal> changed_list(const Resource& resource, const std::string& name, AlterOperation operation,
                                          const std::string& value, const BrokerConfig& config) {
  const TopicKey* const key = list_key(resource.type, name);
  if (key == nullptr) {
    const auto* const verb = operation == AlterOperation::append ? "APPEND" : "SUBTRACT";
    return refusal(ErrorCode::invalid_config, fmt::format("Can't {} to key {} because its type is not LIST.", verb, name));
  }
  const auto own = resource.settings.find(name);
  const std::string before = own == resource.settings.end() ? key->values.show(config.topics) : own->second;
  std::vector<std::string_view> items = items_of(before);
  for (const std::string_view item : items_of(value)) {
    const auto found = std::find(items.begin(), items.end(), item);
    if (operation == AlterOperation::append && found == items.end()) items.push_back(item);
    if (operation == AlterOperation::subtract && found != items.end()) items.erase(found);
  }
  return fmt::format("{}", fmt::join(items, ","));
}

// --- Judging ---

Result<void, Refusal> check_topic(const Settings& settings, const BrokerConfig& config) {
  TopicConfig trial = config.topics;
  for (const auto& [key, value] : settings) {
    if (const auto set = trial.set(key, value); !set) return refusal(ErrorCode::invalid_config, set.error());
  }
  if (const auto checked = trial.check(); !checked) return refusal(ErrorCode::invalid_config, checked.error());
  return {};
}

bool taken_at_any_time(const std::string& key) {
  const BrokerKey* const own = find_broker_key(key);
  return own != nullptr ? own->update == Update::at_any_time : find_default(key).rank == 0;
}

Result<void, Refusal> check_broker(const Settings& settings, const BrokerConfig& config) {
  BrokerConfig trial = config;
  for (const auto& [key, value] : settings) {
    if (const auto set = trial.set(key, value); !set) return refusal(ErrorCode::invalid_config, set.error());
    if (!taken_at_any_time(key)) {
      return refusal(ErrorCode::invalid_config, fmt::format("{}: a broker takes it only at its start", key));
    }
  }
  if (const auto checked = trial.topics.check(); !checked) return refusal(ErrorCode::invalid_config, checked.error());
  return {};
}

template <class Config>
Result<void, Refusal> check_shape(const std::vector<Config>& configs, const auto& may_be_null) {
  std::set<std::string> seen;
  for (const Config& config : configs) {
    if (!seen.insert(config.name).second) return refusal(ErrorCode::invalid_request, "A key is given more than once.");
    if (!config.value && !may_be_null(config)) return refusal(ErrorCode::invalid_request, "The value of a key may not be null.");
  }
  return {};
}

// --- The two requests ---

// All that the resource is to have.
Result<Settings, Refusal> wanted_settings(const Resource&, const AlterConfigsRequest::Resource& wanted, const BrokerConfig&) {
  if (const auto shape = check_shape(wanted.configs, [](const auto&) { return false; }); !shape) return failure(shape.error());
  Settings settings;
  for (const auto& [name, value] : wanted.configs) settings[name] = trimmed(*value);
  return settings;
}

// What it has, changed.
Result<Settings, Refusal> wanted_settings(const Resource& resource, const IncrementalAlterConfigsRequest::Resource& wanted,
                                          const BrokerConfig& config) {
  const auto removes = [](const auto& change) { return AlterOperation{change.config_operation} == AlterOperation::remove; };
  if (const auto shape = check_shape(wanted.configs, removes); !shape) return failure(shape.error());
  Settings settings = resource.settings;
  for (const auto& [name, operation, value] : wanted.configs) {
    switch (AlterOperation{operation}) {
      case AlterOperation::set:
        settings[name] = trimmed(*value);
        break;
      case AlterOperation::remove:
        settings.erase(name);
        break;
      case AlterOperation::append:
      case AlterOperation::subtract: {
        const auto list = changed_list(resource, name, AlterOperation{operation}, *value, config);
        if (!list) return failure(list.error());
        settings[name] = *list;
        break;
      }
      default:
        return refusal(ErrorCode::invalid_request, fmt::format("There is no operation {}.", operation));
    }
  }
  return settings;
}

template <class Wanted>
Result<void, Refusal> alter(const Wanted& wanted, bool validate_only, const MetadataImage& image, const BrokerConfig& config,
                            const Decide& decide) {
  const auto resource = find(wanted.resource_type, wanted.resource_name, image);
  if (!resource) return failure(resource.error());
  const auto next = wanted_settings(*resource, wanted, config);
  if (!next) return failure(next.error());
  const auto checked = resource->topic ? check_topic(*next, config) : check_broker(*next, config);
  if (!checked) return checked;
  if (!validate_only && *next != resource->settings) decide(resource->record(*next));
  return {};
}

template <class Answer, class Request>
Answer alter_each(const Request& request, const MetadataImage& image, const BrokerConfig& config, const Decide& decide) {
  std::map<std::pair<std::int8_t, std::string>, int> times;
  for (const auto& wanted : request.resources) ++times[{wanted.resource_type, wanted.resource_name}];
  Answer answer;
  for (const auto& wanted : request.resources) {
    auto& said = answer.responses.emplace_back();
    said.resource_type = wanted.resource_type;
    said.resource_name = wanted.resource_name;
    said.error_message.reset();
    Result<void, Refusal> outcome;
    if (times[{wanted.resource_type, wanted.resource_name}] > 1) {
      outcome = refusal(ErrorCode::invalid_request, "Each resource must appear at most once.");
    } else {
      outcome = alter(wanted, request.validate_only, image, config, decide);
    }
    if (outcome) continue;
    said.error_code = outcome.error().code;
    said.error_message = outcome.error().message;
  }
  return answer;
}

}  // namespace

AlterConfigsResponse alter_configs(const AlterConfigsRequest& request, const MetadataImage& image, const BrokerConfig& config,
                                   const Decide& decide) {
  return alter_each<AlterConfigsResponse>(request, image, config, decide);
}

IncrementalAlterConfigsResponse alter_configs(const IncrementalAlterConfigsRequest& request, const MetadataImage& image,
                                              const BrokerConfig& config, const Decide& decide) {
  return alter_each<IncrementalAlterConfigsResponse>(request, image, config, decide);
}

}  // namespace acklab::broker
