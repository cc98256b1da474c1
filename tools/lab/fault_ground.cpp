#include "tools/lab/fault_ground.h"

#include <algorithm>

#include <fmt/format.h>

#include "tools/lab/toml_fields.h"

namespace acklab::lab {

using broker::Target;
using protocol::TopicPartition;

FaultGround FaultGround::of(const Scenario& scenario) {
  FaultGround ground;
  ground.brokers = scenario.brokers;
  ground.topics.emplace();
  for (const ScenarioTopic& topic : scenario.topics) ground.topics->push_back({topic.name, topic.partitions, topic.replicas});
  ground.clients.emplace();
  for (std::size_t i = 0; i < scenario.producers.size(); ++i) ground.clients->push_back(client_id(scenario, i));
  return ground;
}

FaultGround FaultGround::of_open_cluster(int brokers) {
  FaultGround ground;
  ground.brokers = brokers;
  return ground;
}

void FaultGround::check_partition(const TomlValue& value, const TopicPartition& partition) const {
  if (!topics) return;
  std::vector<std::string_view> names;
  for (const Topic& topic : *topics) {
    names.push_back(topic.name);
    if (topic.name != partition.topic) continue;
    if (partition.partition < topic.partitions) return;
    mistake(value.where, fmt::format("there is no partition {}; {} has {}, so choose from {}-0 to {}-{}", to_string(partition),
                                     topic.name, topic.partitions, topic.name, topic.name, topic.partitions - 1));
  }
  mistake(value.where, fmt::format("no topic \"{}\" is declared; {}", partition.topic,
                                   names.empty() ? "declare it with [[topic]]" : did_you_mean(partition.topic, names)));
}

void FaultGround::check_exists(const TomlValue& value, const Target& target) const {
  switch (target.kind) {
    case Target::Kind::broker:
      if (target.broker.value < brokers) return;
      mistake(value.where, fmt::format("there is no {}; the cluster has broker:0 to broker:{}", to_string(target), brokers - 1));
    case Target::Kind::leader:
    case Target::Kind::partition:
      check_partition(value, target.partition);
      return;
    case Target::Kind::followers:
      check_partition(value, target.partition);
      if (!topics) return;
      for (const Topic& topic : *topics) {
        if (topic.name != target.partition.topic || topic.replicas > 1) continue;
        mistake(value.where, fmt::format("{} has one replica, so nobody follows; raise its replicas", topic.name));
      }
      return;
    case Target::Kind::client: {
      if (!clients || std::find(clients->begin(), clients->end(), target.client) != clients->end()) return;
      const std::vector<std::string_view> names(clients->begin(), clients->end());
      mistake(value.where, fmt::format("no producer is the client \"{}\"; {}", target.client,
                                       names.empty() ? "declare one with [[producer]]" : did_you_mean(target.client, names)));
    }
    default:
      return;
  }
}

void FaultGround::check_requester(const TomlValue& value, const std::string& client_id) const {
  for (int id = 0; id < brokers; ++id) {
    if (client_id == fmt::format("broker-{}-fetcher", id)) return;
  }
  Target target;
  target.kind = Target::Kind::client;
  target.client = client_id;
  check_exists(value, target);
}

Target read_target(const TomlValue& value, std::string_view key, const FaultGround& ground) {
  const auto target = Target::parse(as_text(value, key));
  if (!target) mistake(value.where, target.error());
  ground.check_exists(value, *target);
  return *target;
}

}  // namespace acklab::lab
