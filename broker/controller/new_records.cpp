#include "broker/controller/new_records.h"

namespace acklab::broker {

namespace {

MetadataRecord of_kind(MetadataRecordKind kind) {
  MetadataRecord record;
  record.kind = static_cast<std::int8_t>(kind);
  return record;
}

MetadataRecord of_broker(MetadataRecordKind kind, BrokerId broker, BrokerEpoch epoch) {
  MetadataRecord record = of_kind(kind);
  record.broker_id = broker.value;
  record.broker_epoch = epoch.value;
  return record;
}

void put(const Settings& settings, MetadataRecord& record) {
  for (const auto& [key, value] : settings) record.settings.push_back({key, value});
}

std::vector<std::int32_t> numbers_of(const std::vector<BrokerId>& brokers) {
  std::vector<std::int32_t> numbers;
  numbers.reserve(brokers.size());
  for (const BrokerId broker : brokers) numbers.push_back(broker.value);
  return numbers;
}

}  // namespace

MetadataRecord controller_record(std::int32_t controller_epoch) {
  MetadataRecord record = of_kind(MetadataRecordKind::controller);
  record.controller_epoch = controller_epoch;
  return record;
}

MetadataRecord registration_record(BrokerId broker, BrokerEpoch epoch, const Uuid& incarnation,
                                   const protocol::Address& address) {
  MetadataRecord record = of_broker(MetadataRecordKind::register_broker, broker, epoch);
  record.incarnation_id = incarnation;
  record.host = address.host;
  record.port = address.port;
  return record;
}

MetadataRecord fence_record(BrokerId broker, BrokerEpoch epoch) {
  return of_broker(MetadataRecordKind::fence_broker, broker, epoch);
}

MetadataRecord unfence_record(BrokerId broker, BrokerEpoch epoch) {
  return of_broker(MetadataRecordKind::unfence_broker, broker, epoch);
}

MetadataRecord shut_down_record(BrokerId broker, BrokerEpoch epoch) {
  return of_broker(MetadataRecordKind::shut_down_broker, broker, epoch);
}

MetadataRecord topic_config_record(const Uuid& topic, const Settings& settings) {
  MetadataRecord record = of_kind(MetadataRecordKind::topic_config);
  record.topic_id = topic;
  put(settings, record);
  return record;
}

MetadataRecord broker_config_record(BrokerId broker, const Settings& settings) {
  MetadataRecord record = of_kind(MetadataRecordKind::broker_config);
  record.broker_id = broker.value;
  put(settings, record);
  return record;
}

MetadataRecord topic_removal_record(const Uuid& topic) {
  MetadataRecord record = of_kind(MetadataRecordKind::remove_topic);
  record.topic_id = topic;
  return record;
}

MetadataRecord topic_record(const std::string& name, const Uuid& id, const Settings& settings) {
  MetadataRecord record = of_kind(MetadataRecordKind::topic);
  record.name = name;
  record.topic_id = id;
  put(settings, record);
  return record;
}

MetadataRecord partition_record(const Uuid& topic, std::int32_t partition, const PartitionState& state) {
  MetadataRecord record = of_kind(MetadataRecordKind::partition);
  record.topic_id = topic;
  record.partition = partition;
  record.replicas = numbers_of(state.replicas);
  record.isr = numbers_of(state.isr);
  record.leader = state.leader.value;
  record.leader_epoch = state.leader_epoch.value;
  record.partition_epoch = state.partition_epoch.value;
  return record;
}

MetadataRecord producer_ids_record(std::int64_t next_producer_id) {
  MetadataRecord record = of_kind(MetadataRecordKind::producer_ids);
  record.next_producer_id = next_producer_id;
  return record;
}

}  // namespace acklab::broker
