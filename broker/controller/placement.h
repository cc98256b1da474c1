// Which brokers hold which replicas of a new topic. Pure.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "protocol/result.h"
#include "protocol/types.h"

namespace acklab::broker {

using protocol::BrokerId;

// One list of brokers per partition, the preferred leader first.
using Assignment = std::vector<std::vector<BrokerId>>;

// Round robin, as Kafka places replicas without racks: partition p is led by brokers[(start + p) % n], so that leaders spread
// evenly, and its followers stand at a distance that grows by one with each full round, so that one broker's partitions do not
// all have the same followers:
//
//   brokers 0 1 2 3, start 0, replication factor 2:   0-1  1-2  2-3  3-0 | 0-2  1-3  2-0  3-1 | 0-3 ...
//
// Needs 1 <= replication_factor <= brokers.size().
Assignment place_replicas(std::span<const BrokerId> brokers, std::int32_t partitions, std::int16_t replication_factor,
                          std::size_t start);

// A replica assignment as a user wrote it: partition index and brokers.
struct ManualPartition {
  std::int32_t partition = 0;
  std::vector<BrokerId> brokers;
};

// Puts it in order of the partitions and checks it: indexes 0 to n-1, each once; at least one replica, none twice, as many for
// each partition; only brokers of `registered`. The error says what is wrong.
protocol::Result<Assignment, std::string> check_assignment(std::vector<ManualPartition> manual,
                                                           std::span<const BrokerId> registered);

}  // namespace acklab::broker
