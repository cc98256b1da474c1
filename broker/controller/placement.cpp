#include "broker/controller/placement.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

namespace acklab::broker {

using protocol::failure;
using protocol::Result;

Assignment place_replicas(std::span<const BrokerId> brokers, std::int32_t partitions, std::int16_t replication_factor,
                          std::size_t start) {
  const std::size_t count = brokers.size();
  const auto replicas = static_cast<std::size_t>(replication_factor);
  CHECK(replicas >= 1 && replicas <= count);
  Assignment assignment;
  for (std::size_t partition = 0; partition < static_cast<std::size_t>(partitions); ++partition) {
    const std::size_t leader = (start + partition) % count;
    const std::size_t shift = partition / count;
    std::vector<BrokerId>& placed = assignment.emplace_back();
    placed.push_back(brokers[leader]);
    for (std::size_t follower = 0; follower + 1 < replicas; ++follower) {
      const std::size_t distance = 1 + (shift + follower) % (count - 1);
      placed.push_back(brokers[(leader + distance) % count]);
    }
  }
  return assignment;
}

Result<Assignment, std::string> check_assignment(std::vector<ManualPartition> manual, std::span<const BrokerId> registered) {
  std::stable_sort(manual.begin(), manual.end(), [](const auto& a, const auto& b) { return a.partition < b.partition; });
  Assignment assignment;
  for (ManualPartition& given : manual) {
    if (given.partition != static_cast<std::int32_t>(assignment.size())) {
      return failure(std::string("partitions should be a consecutive 0-based integer sequence"));
    }
    if (given.brokers.empty()) return failure(fmt::format("partition {} has no replicas", given.partition));
    if (!assignment.empty() && given.brokers.size() != assignment.front().size()) {
      return failure(fmt::format("partition {} has {} replicas, partition 0 has {}", given.partition, given.brokers.size(),
                                 assignment.front().size()));
    }
    std::set<BrokerId> seen;
    for (const BrokerId broker : given.brokers) {
      if (!seen.insert(broker).second) {
        return failure(fmt::format("partition {} names broker {} twice", given.partition, broker.value));
      }
      if (std::find(registered.begin(), registered.end(), broker) == registered.end()) {
        return failure(fmt::format("partition {}: broker {} is not registered", given.partition, broker.value));
      }
    }
    assignment.push_back(std::move(given.brokers));
  }
  return assignment;
}

}  // namespace acklab::broker
