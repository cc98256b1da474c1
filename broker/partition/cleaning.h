// Compacts the logs of topics whose cleanup.policy says so, one log at a time and a piece of it in each turn. In Kafka the log cleaner has
// threads of its own; here a node is one thread, and what is long must be cut up.
//
// How far each log is clean stands in cleaner-offset-checkpoint. If that is lost, a log is cleaned once more.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "broker/config.h"
#include "broker/partition/partition.h"
#include "protocol/runtime/runtime.h"
#include "storage/checkpoint.h"
#include "storage/disk.h"

namespace acklab::broker {

class Cleaning {
 public:
  struct Owner {
    std::function<std::vector<Partition*>()> partitions;  // all of this broker, in an order that does not change
    std::function<Partition*(const PartitionKey&)> find;  // null if it is gone
    std::function<void(std::string)> log;                 // a line for people
  };
  // All outlive it.
  Cleaning(protocol::Runtime& runtime, storage::Disk& disk, const BrokerConfig& config, Owner owner);

  // There is a topic to be compacted. Without one nothing is ever looked at.
  void wanted();
  // The log is gone for good: another of its name is as dirty as any new one.
  void forget(const protocol::TopicPartition& log) { cleaned_to_.erase(log); }

 private:
  // Bytes of batches that one turn looks at.
  static constexpr std::size_t bytes_a_turn = 1u << 20;

  void look_later();
  void look();
  void step_later();
  void step();
  void finished(Partition& partition, protocol::Offset cleaned_to);
  std::optional<protocol::Offset> cleaned_to(const Partition& partition) const;

  protocol::Runtime& runtime_;
  storage::Disk& disk_;
  const BrokerConfig& config_;
  Owner owner_;
  storage::PartitionOffsets cleaned_to_;
  std::optional<PartitionKey> at_work_;
  std::unique_ptr<protocol::Timer> timer_;
};

}  // namespace acklab::broker
