// All partitions of this broker. Takes up what the controller decided, opens logs, keeps one fetcher for each broker that leads
// something we follow, carries ISR proposals to the controller, and tells those who wait that a partition has moved.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "broker/controller/controller_link.h"
#include "broker/metrics.h"
#include "broker/partition/cleaning.h"
#include "broker/partition/partition.h"
#include "broker/partition/replica_fetcher.h"
#include "protocol/runtime/runtime.h"
#include "storage/disk.h"
#include "storage/root_files.h"

namespace acklab::broker {

class ReplicaManager {
 public:
  // Whom to look at again. Called outside of any change, one partition at a time.
  using Progressed = std::function<void(const PartitionKey&)>;

  // What recovery found, in lines for people. May be empty.
  using Log = std::function<void(std::string)>;

  // All outlive it.
  ReplicaManager(protocol::Runtime& runtime, storage::Disk& disk, ControllerLink& controller, const Partition::Options& options,
                 BrokerMetrics& metrics, Progressed progressed, Log log);
  ReplicaManager(const ReplicaManager&) = delete;
  ReplicaManager& operator=(const ReplicaManager&) = delete;

  // The metadata image has moved.
  void metadata_changed();

  // UNKNOWN_TOPIC_OR_PARTITION, or NOT_LEADER_OR_FOLLOWER if it exists elsewhere.
  protocol::Result<Partition*> find(const std::string& topic, std::int32_t index);
  // Null if it is not here.
  Partition* find(const PartitionKey& key);
  template <class Visit>
  void for_each(const Visit& visit) const {
    for (const auto& [key, partition] : by_key_) visit(std::as_const(*partition));
  }

  // Makes all logs durable, and writes down all that the next life need not find out: for an end in good order. If the disk fails it
  // is an end like any other.
  void close();

  // To be called after a partition was asked for anything that may have changed it.
  void touched(Partition& partition);

 private:
  struct Topic {
    Uuid id;
    std::vector<std::unique_ptr<Partition>> partitions;  // by index; null where this broker has no replica
  };

  void take_up(const std::string& name, const TopicState& topic);
  void drop_deleted_topics();
  void drop(std::unique_ptr<Partition> partition, const Uuid& topic);
  void remove_later(const std::string& directory, protocol::Duration delay);
  void put_strays_aside();
  void log(std::string line) const;
  Partition* open(const std::string& topic, std::int32_t index, const TopicConfig& config);
  bool belongs_to(const protocol::TopicPartition& name, const Uuid& topic);
  void arrange_fetching(Partition& partition);
  void drop_idle_fetchers();
  void tell_waiters();
  void send(const protocol::TopicPartition& partition, const IsrProposal& proposal);
  void send_again_later(const protocol::TopicPartition& partition, const IsrProposal& proposal);
  void count_partitions();
  void arm_isr_check();
  // Writes down how the logs stand, in a while; each kind of checkpoint in its own.
  void arm_checkpoints();
  void remember_logs();
  void arm_retention();
  void arm_flushes();
  Cleaning::Owner cleaning_owner();
  void delete_old_segments();
  void remove_deleted_files_later(const Partition& partition);
  void arm_producer_expiry();

  protocol::Runtime& runtime_;
  storage::Disk& disk_;
  ControllerLink& controller_;
  const Partition::Options& options_;
  BrokerMetrics& metrics_;
  Progressed progressed_;
  Log log_;

  std::map<std::string, Topic, std::less<>> topics_;
  std::map<PartitionKey, Partition*> by_key_;
  std::map<BrokerId, std::unique_ptr<ReplicaFetcher>> fetchers_;  // by leader
  storage::RootFiles root_files_;

  std::deque<PartitionKey> moved_;  // whose waiters are still to be told
  bool telling_ = false;

  bool strays_put_aside_ = false;
  std::map<std::string, std::unique_ptr<protocol::Timer>> removals_;  // by directory

  std::map<protocol::TopicPartition, std::unique_ptr<protocol::Timer>> proposal_retries_;
  std::unique_ptr<protocol::Timer> isr_check_;
  std::unique_ptr<protocol::Timer> high_watermark_checkpoint_;
  std::unique_ptr<protocol::Timer> recovery_point_checkpoint_;
  std::unique_ptr<protocol::Timer> log_start_checkpoint_;
  std::unique_ptr<protocol::Timer> retention_;
  std::unique_ptr<protocol::Timer> flushes_;
  std::map<PartitionKey, std::unique_ptr<protocol::Timer>> removals_of_segments_;
  Cleaning cleaning_;
  std::unique_ptr<protocol::Timer> producer_expiry_;
};

}  // namespace acklab::broker
