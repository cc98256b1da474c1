#include "broker/controller/cluster_state.h"

#include <algorithm>
#include <set>
#include <utility>

#include "broker/config_description.h"
#include "broker/controller/alter_partition.h"
#include "broker/controller/config_changes.h"
#include "broker/controller/create_partitions.h"
#include "broker/controller/delete_topics.h"
#include "broker/controller/elect_leaders.h"
#include "broker/controller/new_records.h"
#include "broker/controller/topic_rules.h"
#include "protocol/check.h"

namespace acklab::broker {

using protocol::AllocateProducerIdsRequest;
using protocol::AllocateProducerIdsResponse;
using protocol::AlterConfigsRequest;
using protocol::AlterConfigsResponse;
using protocol::AlterPartitionRequest;
using protocol::AlterPartitionResponse;
using protocol::BrokerHeartbeatRequest;
using protocol::BrokerHeartbeatResponse;
using protocol::BrokerRegistrationRequest;
using protocol::BrokerRegistrationResponse;
using protocol::CreatePartitionsRequest;
using protocol::CreatePartitionsResponse;
using protocol::CreateTopicsRequest;
using protocol::CreateTopicsResponse;
using protocol::DeleteTopicsRequest;
using protocol::DeleteTopicsResponse;
using protocol::ElectLeadersRequest;
using protocol::ElectLeadersResponse;
using protocol::ErrorCode;
using protocol::Event;
using protocol::IncrementalAlterConfigsRequest;
using protocol::IncrementalAlterConfigsResponse;
using protocol::NodeId;

namespace {

constexpr std::int32_t producer_ids_per_block = 1000;  // as many as Kafka hands to a broker at a time

AlterPartitionResponse::Partition refused(std::int32_t partition, ErrorCode code) {
  AlterPartitionResponse::Partition answer;
  answer.partition_index = partition;
  answer.error_code = code;
  return answer;
}

CreateTopicsResponse::Topic refused(const std::string& name, const Refusal& refusal) {
  CreateTopicsResponse::Topic answer;
  answer.name = name;
  answer.error_code = refusal.code;
  answer.error_message = refusal.message;
  return answer;
}

}  // namespace

ClusterState::ClusterState(BrokerConfig at_start, std::function<Uuid()> draw_topic_id)
    : at_start_(std::move(at_start)), draw_topic_id_(std::move(draw_topic_id)) {}

ClusterState::Decision ClusterState::take() { return std::exchange(decision_, {}); }

// An incarnation that died between the write and the journal entry has left its last decision without one; so that the journal has
// every decision, the changes of the last batch are kept. It may then have them twice.
void ClusterState::replay(const std::vector<MetadataRecord>& decision) {
  decision_.changes.clear();
  for (const MetadataRecord& record : decision) fold(record);
}

void ClusterState::begin() { decide(controller_record(image_.controller_epoch + 1)); }

BrokerRegistrationResponse ClusterState::register_broker(const BrokerRegistrationRequest& request, OldSession old_session) {
  BrokerRegistrationResponse answer;
  const bool legal = request.broker_id >= 0 && request.broker_id <= max_broker_id && !request.listeners.empty();
  if (!legal) {
    answer.error_code = ErrorCode::invalid_registration;
    return answer;
  }
  const BrokerId broker{request.broker_id};
  if (const auto known = image_.brokers.find(broker); known != image_.brokers.end()) {
    if (known->second.incarnation == request.incarnation_id) {  // its first request was served, but the answer got lost
      answer.broker_epoch = known->second.epoch.value;
      return answer;
    }
    if (old_session == OldSession::alive) {
      answer.error_code = ErrorCode::duplicate_broker_registration;
      return answer;
    }
    CHECK(known->second.fenced);
  }
  const BrokerEpoch epoch{image_.offset.value};
  const protocol::Address address{request.listeners.front().host, request.listeners.front().port};
  decide(registration_record(broker, epoch, request.incarnation_id, address));
  answer.broker_epoch = epoch.value;
  return answer;
}

BrokerHeartbeatResponse ClusterState::heartbeat(const BrokerHeartbeatRequest& request) {
  BrokerHeartbeatResponse answer;
  const BrokerId broker{request.broker_id};
  answer.error_code = check_broker_epoch(image_, broker, {request.broker_epoch});
  if (answer.error_code != ErrorCode::none) return answer;

  // The broker epoch is the offset of the registration: a broker that has applied it knows of nothing older than itself.
  answer.is_caught_up = request.current_metadata_offset >= request.broker_epoch;
  known_to_[broker] = {request.current_metadata_offset + 1};
  if (request.want_shut_down) {
    answer.should_shut_down = shut_down(broker);
  } else if (request.want_fence) {
    if (image_.alive(broker)) fence(broker);
  } else if (answer.is_caught_up && !image_.alive(broker)) {
    unfence(broker);
  }
  answer.is_fenced = !image_.alive(broker);
  return answer;
}

void ClusterState::session_ended(BrokerId broker) {
  if (image_.alive(broker)) fence(broker);
}

bool ClusterState::shut_down(BrokerId broker) {
  if (!image_.alive(broker)) return true;
  if (image_.usable(broker)) {
    const bool led = leads_anything(broker);
    decide(shut_down_record(broker, image_.brokers.at(broker).epoch));
    elect_others_than(broker);
    // Nobody turns to a broker that leads nothing: it need not wait.
    shut_downs_end_[broker] = led ? image_.offset : Offset{0};
  }
  // A new incarnation of the controller has not seen the beginning: it waits for all that it knows itself.
  const Offset awaited = shut_downs_end_.try_emplace(broker, image_.offset).first->second;
  if (!others_know(awaited)) return false;
  fence(broker);
  return true;
}

bool ClusterState::leads_anything(BrokerId broker) const {
  for (const auto& [name, topic] : image_.topics) {
    for (const PartitionState& partition : topic.partitions) {
      if (partition.leader == broker) return true;
    }
  }
  return false;
}

bool ClusterState::others_know(Offset offset) const {
  for (const auto& [broker, registration] : image_.brokers) {
    if (!image_.usable(broker)) continue;
    const auto known = known_to_.find(broker);
    if ((known == known_to_.end() ? Offset{0} : known->second) < offset) return false;
  }
  return true;
}

AlterPartitionResponse ClusterState::alter_partition(const AlterPartitionRequest& request, std::int16_t version) {
  AlterPartitionResponse answer;
  answer.error_code = check_broker_epoch(image_, {request.broker_id}, {request.broker_epoch});
  if (answer.error_code == ErrorCode::broker_id_not_registered) answer.error_code = ErrorCode::stale_broker_epoch;
  if (answer.error_code != ErrorCode::none) return answer;
  for (const auto& wanted : request.topics) {
    auto& topic = answer.topics.emplace_back();
    topic.topic_id = wanted.topic_id;
    for (const auto& partition : wanted.partitions) {
      topic.partitions.push_back(alter_one(partition, wanted.topic_id, {request.broker_id}, version));
    }
  }
  return answer;
}

ClusterState::AlteredPartition ClusterState::alter_one(const AlterPartitionRequest::Partition& wanted, const Uuid& topic,
                                                       BrokerId leader, std::int16_t version) {
  const std::string* const name = image_.topic_name(topic);
  if (name == nullptr) return refused(wanted.partition_index, ErrorCode::unknown_topic_id);
  const PartitionState* const state = image_.find({*name, wanted.partition_index});
  if (state == nullptr) return refused(wanted.partition_index, ErrorCode::unknown_topic_or_partition);
  const auto judged = judge(proposal_of(wanted, leader, version), *state, image_);
  if (!judged) return refused(wanted.partition_index, judged.error());
  if (*judged != *state) decide(partition_record(topic, wanted.partition_index, *judged));

  AlteredPartition answer;
  answer.partition_index = wanted.partition_index;
  answer.leader_id = judged->leader.value;
  answer.leader_epoch = judged->leader_epoch.value;
  for (const BrokerId member : judged->isr) answer.isr.push_back(member.value);
  answer.partition_epoch = judged->partition_epoch.value;
  return answer;
}

AllocateProducerIdsResponse ClusterState::allocate_producer_ids(const AllocateProducerIdsRequest& request) {
  AllocateProducerIdsResponse answer;
  answer.error_code = check_broker_epoch(image_, {request.broker_id}, {request.broker_epoch});
  if (answer.error_code != ErrorCode::none) return answer;
  answer.producer_id_start = image_.next_producer_id;
  answer.producer_id_len = producer_ids_per_block;
  decide(producer_ids_record(image_.next_producer_id + producer_ids_per_block));
  return answer;
}

CreateTopicsResponse ClusterState::create_topics(const CreateTopicsRequest& request) {
  CreateTopicsResponse answer;
  const std::set<std::string> repeated = repeated_names(request);
  for (const std::string& name : repeated) {
    answer.topics.push_back(refused(name, {ErrorCode::invalid_request, "Duplicate topic name."}));
  }
  std::size_t room = max_new_partitions_per_request;
  for (const CreateTopicsRequest::Topic& wanted : request.topics) {
    if (!repeated.contains(wanted.name)) answer.topics.push_back(create_one(wanted, request.validate_only, room));
  }
  return answer;
}

CreatePartitionsResponse ClusterState::create_partitions(const CreatePartitionsRequest& request) {
  return broker::create_partitions(request, image_, decider());
}

DeleteTopicsResponse ClusterState::delete_topics(const DeleteTopicsRequest& request) {
  return broker::delete_topics(request, image_, at_start_, decider());
}

AlterConfigsResponse ClusterState::alter_configs(const AlterConfigsRequest& request) {
  auto answer = broker::alter_configs(request, image_, config(), decider());
  elect_where_allowed();
  return answer;
}

IncrementalAlterConfigsResponse ClusterState::alter_configs(const IncrementalAlterConfigsRequest& request) {
  auto answer = broker::alter_configs(request, image_, config(), decider());
  elect_where_allowed();
  return answer;
}

ClusterState::CreatedTopic ClusterState::create_one(const CreateTopicsRequest::Topic& wanted, bool validate_only,
                                                    std::size_t& room) {
  const auto topic = plan_topic(wanted, image_, config());
  if (!topic) return refused(wanted.name, topic.error());
  if (topic->partitions.size() > room) {
    return refused(wanted.name, {ErrorCode::policy_violation, "Excessively large number of partitions per request."});
  }
  room -= topic->partitions.size();

  CreatedTopic answer;
  answer.name = topic->name;
  answer.error_message = std::nullopt;
  answer.num_partitions = static_cast<std::int32_t>(topic->partitions.size());
  answer.replication_factor = static_cast<std::int16_t>(topic->partitions.front().replicas.size());
  answer.configs = effective_config(topic->settings, {{}, image_.settings_of(every_broker), at_start_, at_start_});
  if (validate_only) return answer;

  answer.topic_id = draw_topic_id_();
  decide(topic_record(topic->name, answer.topic_id, topic->settings));
  for (std::size_t index = 0; index < topic->partitions.size(); ++index) {
    decide(partition_record(answer.topic_id, static_cast<std::int32_t>(index), topic->partitions[index]));
  }
  return answer;
}

ElectLeadersResponse ClusterState::elect_leaders(const ElectLeadersRequest& request) {
  return broker::elect_leaders(request, image_,
                               [this](Election election, const TopicPartition& one) { return elect(election, one); });
}

ErrorCode ClusterState::elect(Election election, const TopicPartition& partition) {
  const PartitionState* const state = image_.find(partition);
  if (state == nullptr) return ErrorCode::unknown_topic_or_partition;
  const auto next = hold_election(*state, election, [&](BrokerId broker) { return image_.usable(broker); });
  if (!next) return next.error();
  decide(partition_record(image_.find_topic(partition.topic)->id, partition.partition, *next));
  return ErrorCode::none;
}

void ClusterState::fence(BrokerId broker) {
  shut_downs_end_.erase(broker);
  decide(fence_record(broker, image_.brokers.at(broker).epoch));
  elect_others_than(broker);
}

void ClusterState::unfence(BrokerId broker) {
  decide(unfence_record(broker, image_.brokers.at(broker).epoch));
  elect_where_allowed();
}

// For partitions that nobody leads: somebody may have come who can, or unclean elections be allowed by now.
void ClusterState::elect_where_allowed() {
  change_partitions([&](const PartitionState& state, UncleanElection unclean) {
    return after_unfencing(
        state, [&](BrokerId other) { return image_.usable(other); }, unclean);
  });
}

void ClusterState::elect_others_than(BrokerId broker) {
  change_partitions([&](const PartitionState& state, UncleanElection unclean) {
    return after_fencing(
        state, broker, [&](BrokerId other) { return image_.usable(other); }, unclean);
  });
}

BrokerConfig ClusterState::config() const { return altered(at_start_, image_.settings_of(every_broker)); }

// Records of partitions replace states in place: the maps and vectors that are walked here stay as they are.
template <class Rule>
void ClusterState::change_partitions(const Rule& rule) {
  const BrokerConfig brokers = config();
  for (const auto& [name, topic] : image_.topics) {
    const auto unclean =
        brokers.of_topic(topic.settings).unclean_leader_election ? UncleanElection::allowed : UncleanElection::forbidden;
    for (std::size_t index = 0; index < topic.partitions.size(); ++index) {
      const std::optional<PartitionState> next = rule(topic.partitions[index], unclean);
      if (next) decide(partition_record(topic.id, static_cast<std::int32_t>(index), *next));
    }
  }
}

void ClusterState::decide(MetadataRecord record) {
  fold(record);
  decision_.records.push_back(std::move(record));
}

// The journal compares with the state before, so it comes first.
void ClusterState::fold(const MetadataRecord& record) {
  switch (static_cast<MetadataRecordKind>(record.kind)) {
    case MetadataRecordKind::register_broker:
      note_broker(Event::registered, record);
      break;
    case MetadataRecordKind::fence_broker:
      note_broker(Event::fenced, record);
      break;
    case MetadataRecordKind::unfence_broker:
      note_broker(Event::unfenced, record);
      break;
    case MetadataRecordKind::shut_down_broker:
      note_broker(Event::shutting_down, record);
      break;
    case MetadataRecordKind::partition:
      note_partition(record);
      break;
    case MetadataRecordKind::remove_topic:
      note_removal(record);
      break;
    case MetadataRecordKind::topic:
    case MetadataRecordKind::topic_config:
    case MetadataRecordKind::broker_config:
    case MetadataRecordKind::producer_ids:
    case MetadataRecordKind::controller:
      break;
  }
  image_.apply(record);
}

void ClusterState::note_broker(Event event, const MetadataRecord& record) {
  decision_.changes.push_back(
      {{.event = event, .count = record.broker_epoch, .peer = NodeId::broker({record.broker_id})}, std::string()});
}

void ClusterState::note_removal(const MetadataRecord& record) {
  const std::string* const name = image_.topic_name(record.topic_id);
  const TopicState* const topic = name == nullptr ? nullptr : image_.find_topic(*name);
  if (topic == nullptr) return;
  for (std::size_t index = 0; index < topic->partitions.size(); ++index) {
    decision_.changes.push_back({{.event = Event::topic_deleted, .partition = static_cast<std::int32_t>(index)}, *name});
  }
}

void ClusterState::note_partition(const MetadataRecord& record) {
  const std::string* const name = image_.topic_name(record.topic_id);
  if (name == nullptr) return;
  const PartitionState* const before = image_.find({*name, record.partition});
  const bool elected = before == nullptr || before->leader_epoch.value != record.leader_epoch;
  PartitionState after;
  after.leader = {record.leader};
  after.leader_epoch = {record.leader_epoch};
  for (const std::int32_t id : record.isr) after.isr.push_back({id});
  const bool unclean = before != nullptr && was_unclean(*before, after);
  decision_.changes.push_back({{.event = elected ? Event::elected : Event::isr_changed,
                                .code = unclean ? ErrorCode::eligible_leaders_not_available : ErrorCode::none,
                                .partition = record.partition,
                                .epoch = after.leader_epoch,
                                .peer = NodeId::broker(after.leader),
                                .brokers = protocol::BrokerSet::of(after.isr)},
                               *name});
}

}  // namespace acklab::broker
