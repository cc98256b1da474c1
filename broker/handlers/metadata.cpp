// Metadata: the brokers and the partitions as this broker knows them, which may be late.
#include <algorithm>
#include <set>
#include <utility>

#include "broker/broker.h"
#include "broker/cluster_id.h"
#include "broker/controller/controller_link.h"
#include "broker/controller/topic_rules.h"
#include "broker/handlers/handlers.h"
#include "broker/topic_creation.h"

namespace acklab::broker {

using protocol::ErrorCode;
using protocol::MetadataRequest;
using protocol::MetadataResponse;

namespace {

constexpr int first_version_by_id = 12;

std::vector<std::int32_t> numbers(const std::vector<BrokerId>& brokers) {
  std::vector<std::int32_t> plain;
  plain.reserve(brokers.size());
  for (const BrokerId broker : brokers) plain.push_back(broker.value);
  return plain;
}

MetadataResponse::Partition describe(const MetadataImage& image, std::int32_t index, const PartitionState& state, int version) {
  MetadataResponse::Partition answer;
  answer.partition_index = index;
  answer.leader_epoch = state.leader_epoch.value;
  answer.replica_nodes = numbers(state.replicas);
  answer.isr_nodes = numbers(state.isr);
  for (const BrokerId replica : state.replicas) {
    if (!image.alive(replica)) answer.offline_replicas.push_back(replica.value);
  }
  // The clients of version 0 looked up every node that they were told of.
  if (version == 0) {
    const auto gone = [&](std::int32_t broker) { return !image.alive({broker}); };
    if (std::erase_if(answer.replica_nodes, gone) + std::erase_if(answer.isr_nodes, gone) > 0) {
      answer.error_code = ErrorCode::replica_not_available;
    }
  }
  answer.leader_id = state.leader.value;
  if (!image.alive(state.leader)) {
    answer.leader_id = -1;
    answer.error_code = ErrorCode::leader_not_available;
  }
  return answer;
}

MetadataResponse::Topic describe(const MetadataImage& image, const std::string& name, const TopicState& topic, int version) {
  MetadataResponse::Topic answer;
  answer.name = name;
  answer.topic_id = topic.id;
  for (std::size_t i = 0; i < topic.partitions.size(); ++i) {
    answer.partitions.push_back(describe(image, static_cast<std::int32_t>(i), topic.partitions[i], version));
  }
  return answer;
}

// What to say of a topic that does not exist. If it may be created it will be there soon, and the client asks again.
ErrorCode missing(Services& services, const std::string& name, bool may_create) {
  if (!may_create || !services.options.config.auto_create_topics) return ErrorCode::unknown_topic_or_partition;
  if (!check_topic_name(name)) return ErrorCode::invalid_topic_exception;
  services.topic_creation.create(name);
  return ErrorCode::unknown_topic_or_partition;
}

bool has_id(const MetadataRequest::Topic& asked) { return !asked.topic_id.is_zero(); }

MetadataResponse::Topic describe_by_id(const MetadataImage& image, const protocol::Uuid& id, int version) {
  if (const std::string* const name = image.topic_name(id)) return describe(image, *name, *image.find_topic(*name), version);
  MetadataResponse::Topic answer;
  answer.topic_id = id;
  answer.name.reset();
  answer.error_code = ErrorCode::unknown_topic_id;
  return answer;
}

MetadataResponse::Topic describe(Services& services, const MetadataRequest::Topic& asked, bool may_create, int version) {
  const MetadataImage& image = services.controller.image();
  if (has_id(asked)) return describe_by_id(image, asked.topic_id, version);
  MetadataResponse::Topic answer;
  if (!asked.name) {
    answer.name.reset();
    answer.error_code = ErrorCode::invalid_request;
    return answer;
  }
  if (const TopicState* topic = image.find_topic(*asked.name)) return describe(image, *asked.name, *topic, version);
  answer.name = asked.name;
  answer.error_code = missing(services, *asked.name, may_create);
  return answer;
}

// The brokers, and as controller one of them: clients are not told of the real one, any broker forwards to it (as under KRaft).
MetadataResponse about_brokers(const Services& services) {
  const MetadataImage& image = services.controller.image();
  MetadataResponse response;
  response.cluster_id = cluster_id;
  for (const auto& [id, broker] : image.brokers) {
    if (broker.fenced) continue;
    response.brokers.push_back({.node_id = id.value, .host = broker.address.host, .port = broker.address.port, .rack = {}});
  }
  const BrokerId self = services.options.id;
  response.controller_id = image.alive(self) ? self.value : response.brokers.empty() ? -1 : response.brokers.front().node_id;
  return response;
}

// Versions 10 and 11 can spell what only later ones may ask.
bool asks_too_early(const MetadataRequest& request, int version) {
  return version < first_version_by_id && request.topics &&
         std::any_of(request.topics->begin(), request.topics->end(),
                     [](const MetadataRequest::Topic& topic) { return has_id(topic) || !topic.name; });
}

}  // namespace

void handle(Services& services, const Call& call, const MetadataRequest& request) {
  const int version = call.version();
  if (asks_too_early(request, version)) return refuse(services, call, request, ErrorCode::invalid_request);
  MetadataResponse response = about_brokers(services);
  const bool all = !request.topics || (version == 0 && request.topics->empty());
  if (all) {
    const MetadataImage& image = services.controller.image();
    for (const auto& [name, topic] : image.topics) response.topics.push_back(describe(image, name, topic, version));
  } else {
    // One id is enough for names not to count.
    const bool by_id = std::any_of(request.topics->begin(), request.topics->end(), has_id);
    std::set<std::pair<protocol::Uuid, protocol::Nullable<std::string>>> answered;
    for (const MetadataRequest::Topic& topic : *request.topics) {
      if (by_id && !has_id(topic)) continue;
      if (!answered.insert({topic.topic_id, topic.name}).second) continue;
      response.topics.push_back(describe(services, topic, request.allow_auto_topic_creation, version));
    }
  }
  call.answer(response);
}

void refuse(Services& services, const Call& call, const MetadataRequest& request, ErrorCode code) {
  MetadataResponse response = about_brokers(services);
  response.error_code = code;
  if (request.topics) {
    for (const MetadataRequest::Topic& topic : *request.topics) {
      MetadataResponse::Topic& answer = response.topics.emplace_back();
      answer.topic_id = topic.topic_id;
      answer.name = topic.name;
      if (!answer.name && call.version() < first_version_by_id) answer.name = "";
      answer.error_code = code;
    }
  }
  call.answer(response);
}

}  // namespace acklab::broker
