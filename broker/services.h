// What a handler may use of the broker that it serves.
#pragma once

namespace acklab::protocol {
class Runtime;
}

namespace acklab::broker {

struct BrokerOptions;
class BatchValidator;
class ControllerLink;
class ReplicaManager;
class DelayedProduces;
class DelayedFetches;
class DelayedDeletions;
class FetchSessions;
class ProducerIds;
class TopicCreation;

struct Services {
  protocol::Runtime& runtime;
  const BrokerOptions& options;
  ControllerLink& controller;
  ReplicaManager& replicas;
  BatchValidator& batch_validator;
  DelayedProduces& delayed_produces;
  DelayedFetches& delayed_fetches;
  DelayedDeletions& delayed_deletions;
  FetchSessions& fetch_sessions;
  ProducerIds& producer_ids;
  TopicCreation& topic_creation;
};

}  // namespace acklab::broker
