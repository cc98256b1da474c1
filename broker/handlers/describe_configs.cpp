// DescribeConfigs: any broker answers for topics, by the metadata that it has; for a broker only that one.
#include <fmt/format.h>

#include <algorithm>

#include "broker/broker.h"
#include "broker/config_description.h"
#include "broker/controller/config_changes.h"
#include "broker/controller/controller_link.h"
#include "broker/controller/topic_rules.h"
#include "broker/handlers/handlers.h"

namespace acklab::broker {

using protocol::DescribeConfigsRequest;
using protocol::DescribeConfigsResponse;
using protocol::ErrorCode;
using protocol::failure;

namespace {

using Wanted = DescribeConfigsRequest::Resource;

auto refusal(ErrorCode code, std::string message) { return failure(Refusal{code, std::move(message)}); }

Result<std::vector<DescribedKey>, Refusal> describe(const Services& services, const Wanted& wanted) {
  const MetadataImage& image = services.controller.image();
  const BrokerConfig built_in = BrokerConfig::defaults(services.options.era);
  const BrokerLayers layers{.own = image.settings_of(services.options.id),
                            .all_brokers = image.settings_of(every_broker),
                            .at_start = services.options.config,
                            .built_in = built_in};
  const std::string& name = wanted.resource_name;
  switch (ConfigResource{wanted.resource_type}) {
    case ConfigResource::topic: {
      if (const auto legal = check_topic_name(name); !legal) return refusal(ErrorCode::invalid_topic_exception, legal.error());
      const TopicState* const topic = image.find_topic(name);
      if (topic == nullptr)
        return refusal(ErrorCode::unknown_topic_or_partition, "This server does not host this topic-partition.");
      return describe_topic(topic->settings, layers);
    }
    case ConfigResource::broker: {
      if (name.empty()) return describe_all_brokers(layers);
      const std::string self = std::to_string(services.options.id.value);
      if (name == self) return describe_broker(layers);
      return refusal(ErrorCode::invalid_request,
                     fmt::format("Unexpected broker id, expected {} or empty string, but received {}.", self, name));
    }
  }
  return refusal(ErrorCode::invalid_request, fmt::format("There are no resources of type {} here.", wanted.resource_type));
}

bool asked_for(const Wanted& wanted, std::string_view key) {
  if (!wanted.configuration_keys || wanted.configuration_keys->empty()) return true;
  return std::ranges::count(*wanted.configuration_keys, key) > 0;
}

DescribeConfigsResponse::Config to_wire(const DescribedKey& key, const DescribeConfigsRequest& request) {
  DescribeConfigsResponse::Config config;
  config.name = key.name;
  config.value = key.value;
  config.read_only = key.read_only;
  config.is_default = key.source() == ConfigSource::built_in;
  config.config_source = static_cast<std::int8_t>(key.source());
  config.config_type = static_cast<std::int8_t>(key.type);
  config.documentation.reset();
  if (request.include_documentation) config.documentation = key.meaning;
  if (request.include_synonyms) {
    for (const SourcedValue& value : key.synonyms) {
      config.synonyms.push_back({value.name, value.value, static_cast<std::int8_t>(value.source)});
    }
  }
  return config;
}

}  // namespace

void handle(Services& services, const Call& call, const DescribeConfigsRequest& request) {
  DescribeConfigsResponse response;
  for (const Wanted& wanted : request.resources) {
    DescribeConfigsResponse::Result& result = response.results.emplace_back();
    result.error_message.reset();
    result.resource_type = wanted.resource_type;
    result.resource_name = wanted.resource_name;
    const auto described = describe(services, wanted);
    if (!described) {
      result.error_code = described.error().code;
      result.error_message = described.error().message;
      continue;
    }
    for (const DescribedKey& key : *described) {
      if (asked_for(wanted, key.name)) result.configs.push_back(to_wire(key, request));
    }
  }
  call.answer(response);
}

void refuse(Services&, const Call& call, const DescribeConfigsRequest& request, ErrorCode code) {
  DescribeConfigsResponse response;
  for (const Wanted& wanted : request.resources) {
    DescribeConfigsResponse::Result& refused = response.results.emplace_back();
    refused.error_code = code;
    refused.error_message.reset();
    refused.resource_type = wanted.resource_type;
    refused.resource_name = wanted.resource_name;
  }
  call.answer(response);
}

}  // namespace acklab::broker
