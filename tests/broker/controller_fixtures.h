// Short ways to write brokers, partitions and images in the tests of the controller's rules.
#pragma once

#include <algorithm>
#include <cstdint>
#include <initializer_list>
#include <ostream>
#include <string>
#include <vector>

#include "broker/controller/election.h"
#include "broker/controller/metadata_image.h"
#include "broker/controller/new_records.h"

namespace acklab::broker {

inline std::vector<BrokerId> brokers(std::initializer_list<int> ids) {
  std::vector<BrokerId> result;
  for (const int id : ids) result.push_back({id});
  return result;
}

inline Usable only(std::initializer_list<int> ids) {
  const std::vector<BrokerId> usable = brokers(ids);
  return [usable](BrokerId broker) { return std::find(usable.begin(), usable.end(), broker) != usable.end(); };
}

// A partition with replicas 0, 1, 2 unless said otherwise.
inline PartitionState partition(std::initializer_list<int> isr, int leader, int leader_epoch, int partition_epoch,
                                std::initializer_list<int> replicas = {0, 1, 2}) {
  return {.replicas = brokers(replicas),
          .isr = brokers(isr),
          .leader = {leader},
          .leader_epoch = {leader_epoch},
          .partition_epoch = {partition_epoch}};
}

inline Uuid uuid(std::uint8_t last) {
  Uuid id;
  id.bytes[15] = last;
  return id;
}

// Brokers 0 to count-1, registered with epochs 100, 101, ... and usable.
inline MetadataImage image_of(int count) {
  MetadataImage image;
  for (int id = 0; id < count; ++id) {
    const BrokerEpoch epoch{100 + id};
    image.apply(
        registration_record({id}, epoch, uuid(static_cast<std::uint8_t>(id + 1)), {"broker-" + std::to_string(id), 9092}));
    image.apply(unfence_record({id}, epoch));
  }
  return image;
}

inline void fence(MetadataImage& image, int broker) { image.apply(fence_record({broker}, image.brokers.at({broker}).epoch)); }

inline std::string text(const PartitionState& state) {
  std::string line = "isr";
  for (const BrokerId broker : state.isr) line += " " + std::to_string(broker.value);
  return line + ", leader " + std::to_string(state.leader.value) + ", leader epoch " + std::to_string(state.leader_epoch.value) +
         ", partition epoch " + std::to_string(state.partition_epoch.value);
}

inline void PrintTo(const PartitionState& state, std::ostream* out) { *out << text(state); }

}  // namespace acklab::broker
