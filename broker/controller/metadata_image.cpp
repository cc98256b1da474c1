#include "broker/controller/metadata_image.h"

#include <algorithm>

namespace acklab::broker {

namespace {

std::vector<BrokerId> brokers_of(const std::vector<std::int32_t>& ids) {
  std::vector<BrokerId> brokers;
  brokers.reserve(ids.size());
  for (const std::int32_t id : ids) brokers.push_back({id});
  return brokers;
}

PartitionState partition_of(const MetadataRecord& record) {
  PartitionState state;
  state.replicas = brokers_of(record.replicas);
  state.isr = brokers_of(record.isr);
  std::sort(state.isr.begin(), state.isr.end());
  state.leader = {record.leader};
  state.leader_epoch = {record.leader_epoch};
  state.partition_epoch = {record.partition_epoch};
  return state;
}

Settings settings_in(const MetadataRecord& record) {
  Settings settings;
  for (const auto& [key, value] : record.settings) settings[key] = value;
  return settings;
}

TopicState topic_of(const MetadataRecord& record) {
  TopicState topic;
  topic.id = record.topic_id;
  topic.settings = settings_in(record);
  return topic;
}

void configure_topic(MetadataImage& image, const MetadataRecord& record) {
  if (const std::string* const name = image.topic_name(record.topic_id)) image.topics[*name].settings = settings_in(record);
}

void remove_topic(MetadataImage& image, const MetadataRecord& record) {
  const auto name = image.topic_names.find(record.topic_id);
  if (name == image.topic_names.end()) return;
  image.topics.erase(name->second);
  image.topic_names.erase(name);
}

void put_partition(MetadataImage& image, const MetadataRecord& record) {
  const std::string* const name = image.topic_name(record.topic_id);
  if (name == nullptr || record.partition < 0) return;
  auto& partitions = image.topics[*name].partitions;
  const auto index = static_cast<std::size_t>(record.partition);
  if (index > partitions.size()) return;
  if (index == partitions.size()) partitions.emplace_back();
  partitions[index] = partition_of(record);
}

// The incarnation that a record is about; null if there is another one by now.
BrokerRegistrationState* incarnation_of(MetadataImage& image, const MetadataRecord& record) {
  const auto broker = image.brokers.find({record.broker_id});
  if (broker == image.brokers.end() || broker->second.epoch != BrokerEpoch{record.broker_epoch}) return nullptr;
  return &broker->second;
}

void set_fenced(MetadataImage& image, const MetadataRecord& record, bool fenced) {
  if (BrokerRegistrationState* const broker = incarnation_of(image, record)) broker->fenced = fenced;
}

void set_shutting_down(MetadataImage& image, const MetadataRecord& record) {
  if (BrokerRegistrationState* const broker = incarnation_of(image, record)) broker->shutting_down = true;
}

}  // namespace

void MetadataImage::apply(const MetadataRecord& record) {
  offset += 1;
  switch (static_cast<MetadataRecordKind>(record.kind)) {
    case MetadataRecordKind::register_broker:
      brokers[{record.broker_id}] = {.epoch = {record.broker_epoch},
                                     .incarnation = record.incarnation_id,
                                     .address = {record.host, record.port},
                                     .fenced = true};
      return;
    case MetadataRecordKind::fence_broker:
      return set_fenced(*this, record, true);
    case MetadataRecordKind::unfence_broker:
      return set_fenced(*this, record, false);
    case MetadataRecordKind::topic:
      topics[record.name] = topic_of(record);
      topic_names[record.topic_id] = record.name;
      return;
    case MetadataRecordKind::partition:
      return put_partition(*this, record);
    case MetadataRecordKind::producer_ids:
      next_producer_id = record.next_producer_id;
      return;
    case MetadataRecordKind::controller:
      controller_epoch = record.controller_epoch;
      return;
    case MetadataRecordKind::shut_down_broker:
      return set_shutting_down(*this, record);
    case MetadataRecordKind::topic_config:
      return configure_topic(*this, record);
    case MetadataRecordKind::broker_config:
      broker_settings[{record.broker_id}] = settings_in(record);
      return;
    case MetadataRecordKind::remove_topic:
      return remove_topic(*this, record);
  }
}

const Settings& MetadataImage::settings_of(BrokerId broker) const {
  static const Settings none;
  const auto found = broker_settings.find(broker);
  return found == broker_settings.end() ? none : found->second;
}

const PartitionState* MetadataImage::find(const TopicPartition& partition) const {
  const TopicState* const topic = find_topic(partition.topic);
  if (topic == nullptr || partition.partition < 0) return nullptr;
  const auto index = static_cast<std::size_t>(partition.partition);
  return index < topic->partitions.size() ? &topic->partitions[index] : nullptr;
}

const TopicState* MetadataImage::find_topic(const std::string& name) const {
  const auto topic = topics.find(name);
  return topic == topics.end() ? nullptr : &topic->second;
}

const std::string* MetadataImage::topic_name(const Uuid& id) const {
  const auto name = topic_names.find(id);
  return name == topic_names.end() ? nullptr : &name->second;
}

bool MetadataImage::alive(BrokerId broker) const {
  const auto registration = brokers.find(broker);
  return registration != brokers.end() && !registration->second.fenced;
}

bool MetadataImage::usable(BrokerId broker) const {
  const auto registration = brokers.find(broker);
  return registration != brokers.end() && !registration->second.fenced && !registration->second.shutting_down;
}

}  // namespace acklab::broker
