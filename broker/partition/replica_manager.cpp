#include "broker/partition/replica_manager.h"

#include <algorithm>
#include <utility>

#include "broker/partition/log_config.h"
#include "broker/partition/partition_directory.h"
#include "storage/partition_metadata.h"

namespace acklab::broker {

using protocol::AlterPartitionRequest;
using protocol::AlterPartitionResponse;
using protocol::ChannelFault;
using protocol::Duration;
using protocol::ErrorCode;
using protocol::failure;
using protocol::Result;
using protocol::TopicPartition;
using protocol::Uuid;

namespace {

// Kafka's AlterPartitionManager waits as long.
constexpr protocol::Duration proposal_backoff = std::chrono::milliseconds(50);

}  // namespace

ReplicaManager::ReplicaManager(protocol::Runtime& runtime, storage::Disk& disk, ControllerLink& controller,
                               const Partition::Options& options, BrokerMetrics& metrics, Progressed progressed, Log log)
    : runtime_(runtime),
      disk_(disk),
      controller_(controller),
      options_(options),
      metrics_(metrics),
      progressed_(std::move(progressed)),
      log_(std::move(log)),
      root_files_(disk),
      cleaning_(runtime, disk, options.config, cleaning_owner()) {
  count_partitions();
  arm_producer_expiry();
  arm_retention();
  arm_flushes();
  for (const std::string& remark : root_files_.remarks()) this->log(remark);
}

Cleaning::Owner ReplicaManager::cleaning_owner() {
  return {.partitions =
              [this] {
                std::vector<Partition*> all;
                for (const auto& [key, partition] : by_key_) all.push_back(partition);
                return all;
              },
          .find = [this](const PartitionKey& key) { return find(key); },
          .log = [this](std::string line) { log(std::move(line)); }};
}

void ReplicaManager::log(std::string line) const {
  if (log_) log_(std::move(line));
}

// --- The controller's decisions ---

void ReplicaManager::metadata_changed() {
  if (!std::exchange(strays_put_aside_, true)) put_strays_aside();
  drop_deleted_topics();
  for (const auto& [name, topic] : controller_.image().topics) take_up(name, topic);
  drop_idle_fetchers();
  // Brokers may have been fenced or unfenced, for which the high watermark of a partition may have waited.
  for (const auto& [key, partition] : by_key_) {
    partition->advance_high_watermark();
    touched(*partition);
  }
  count_partitions();
  arm_isr_check();
}

void ReplicaManager::take_up(const std::string& name, const TopicState& topic) {
  const TopicConfig config = options_.config.of_topic(topic.settings);
  if (config.cleanup_policy.compacts) cleaning_.wanted();
  topics_[name].id = topic.id;
  auto& mine = topics_[name].partitions;
  mine.resize(std::max(mine.size(), topic.partitions.size()));
  for (std::size_t i = 0; i < topic.partitions.size(); ++i) {
    const PartitionState& state = topic.partitions[i];
    const bool assigned = std::find(state.replicas.begin(), state.replicas.end(), options_.self) != state.replicas.end();
    if (!assigned) continue;
    Partition* partition = mine[i] ? mine[i].get() : open(name, static_cast<std::int32_t>(i), config);
    if (!partition) continue;
    const LeaderEpoch before = partition->leader_epoch();
    partition->configure(config);
    partition->apply(state);
    if (partition->leader_epoch() != before) proposal_retries_.erase(partition->name());
    arrange_fetching(*partition);
    touched(*partition);
  }
}

// Null if the disk does not let us; the next change of metadata tries again.
Partition* ReplicaManager::open(const std::string& topic, std::int32_t index, const TopicConfig& config) {
  const TopicPartition name{topic, index};
  const std::string directory = to_string(name);
  if (!belongs_to(name, controller_.image().find_topic(topic)->id)) return nullptr;
  auto opened = storage::Log::open(disk_, directory, log_config(config, runtime_), root_files_.take_checkpoints(name));
  if (!opened) {
    log(directory + " cannot be opened: " + opened.error().what);
    return nullptr;
  }
  if (const std::string found = to_string(opened->recovery()); !found.empty()) log(directory + ": " + found);

  auto& place = topics_[topic].partitions[static_cast<std::size_t>(index)];
  place = std::make_unique<Partition>(runtime_, controller_.image(), options_,
                                      Replica(runtime_, name, *std::move(opened), root_files_.high_watermark(name)));
  by_key_[place->key()] = place.get();
  return place.get();
}

// A topic that was deleted and created again has another id, and nothing to do with the old one.
void ReplicaManager::drop_deleted_topics() {
  for (auto topic = topics_.begin(); topic != topics_.end();) {
    const TopicState* const state = controller_.image().find_topic(topic->first);
    if (state != nullptr && state->id == topic->second.id) {
      ++topic;
      continue;
    }
    Topic gone = std::move(topic->second);
    topic = topics_.erase(topic);
    for (auto& partition : gone.partitions) {
      if (partition) drop(std::move(partition), gone.id);
    }
  }
}

// Whoever waits for it is told before a successor of the same name can be taken for it.
void ReplicaManager::drop(std::unique_ptr<Partition> partition, const Uuid& topic) {
  const PartitionKey key = partition->key();
  const TopicPartition name = partition->name();
  const Duration delay = timer_for(partition->config().file_delete_delay);
  for (auto& [broker, fetcher] : fetchers_) fetcher->leave(key);
  by_key_.erase(key);
  proposal_retries_.erase(name);
  removals_of_segments_.erase(key);
  root_files_.forget(name);
  cleaning_.forget(name);
  partition.reset();
  moved_.push_back(key);
  tell_waiters();

  // If the disk does not let us, it is a stray at the next start.
  const std::string directory = set_aside(name, to_string(topic), deleted_suffix);
  if (disk_.rename(to_string(name), directory)) remove_later(directory, delay);
}

void ReplicaManager::remove_later(const std::string& directory, Duration delay) {
  removals_[directory] = runtime_.after(delay, [this, directory] {
    const auto timer = removals_.extract(directory);  // it is running: gone when this returns
    static_cast<void>(remove_directory(disk_, directory));
  });
}

// Before the first log is opened.
void ReplicaManager::put_strays_aside() {
  const std::string tag = std::to_string(controller_.broker_epoch().value);
  for (const std::string& directory : disk_.list("")) {
    if (directory.ends_with(deleted_suffix)) remove_later(directory, Duration::zero());
    const auto name = partition_in(directory);
    if (!name) continue;
    const PartitionState* const state = controller_.image().find(*name);
    const bool ours = state != nullptr && std::ranges::count(state->replicas, options_.self) > 0;
    if (!ours) static_cast<void>(disk_.rename(directory, set_aside(*name, tag, stray_suffix)));
  }
}

// A directory without an id becomes this topic's; one of another topic, which was deleted while we were away, is put aside.
bool ReplicaManager::belongs_to(const TopicPartition& name, const Uuid& topic) {
  const std::string directory = to_string(name);
  const auto known = storage::read_topic_id(disk_, directory);
  if (known && *known == to_string(topic)) return true;
  if (known) {
    const std::string aside = set_aside(name, *known, stray_suffix);
    log(directory + " belongs to another topic of this name: it is " + aside + " now");
    if (!disk_.rename(directory, aside)) return false;
    root_files_.forget(name);
    cleaning_.forget(name);
  }
  return storage::write_topic_id(disk_, directory, topic).has_value();
}

void ReplicaManager::arrange_fetching(Partition& partition) {
  const auto& brokers = controller_.image().brokers;
  const auto leader = partition.role() == Partition::Role::follower ? brokers.find(partition.leader()) : brokers.end();
  for (auto& [broker, fetcher] : fetchers_) {
    if (leader == brokers.end() || broker != leader->first) fetcher->leave(partition.key());
  }
  if (leader == brokers.end()) return;

  std::unique_ptr<ReplicaFetcher>& fetcher = fetchers_[leader->first];
  if (!fetcher || fetcher->address() != leader->second.address) {
    fetcher = std::make_unique<ReplicaFetcher>(runtime_, controller_, options_.self, leader->first, leader->second.address,
                                               options_.config, [this](Partition& changed) { touched(changed); });
  }
  fetcher->follow(partition, topics_.at(partition.name().topic).id);
}

void ReplicaManager::drop_idle_fetchers() {
  std::erase_if(fetchers_, [](const auto& entry) { return entry.second->idle(); });
}

// --- Finding ---

Result<Partition*> ReplicaManager::find(const std::string& topic, std::int32_t index) {
  const auto found = topics_.find(topic);
  if (found == topics_.end() || index < 0 || static_cast<std::size_t>(index) >= found->second.partitions.size()) {
    return failure(ErrorCode::unknown_topic_or_partition);
  }
  Partition* partition = found->second.partitions[static_cast<std::size_t>(index)].get();
  if (!partition) return failure(ErrorCode::not_leader_or_follower);
  return partition;
}

Partition* ReplicaManager::find(const PartitionKey& key) {
  const auto found = by_key_.find(key);
  return found == by_key_.end() ? nullptr : found->second;
}

// --- Passing on what a partition decided ---

void ReplicaManager::touched(Partition& partition) {
  if (auto proposal = partition.take_proposal()) send(partition.name(), *proposal);
  if (!partition.take_progress()) return;
  arm_checkpoints();
  moved_.push_back(partition.key());
  tell_waiters();
}

// Whoever is told may answer a client, whose next request touches another partition: that one is told about in this loop and not in a
// deeper one.
void ReplicaManager::tell_waiters() {
  if (telling_) return;
  telling_ = true;
  while (!moved_.empty()) {
    const PartitionKey key = moved_.front();
    moved_.pop_front();
    progressed_(key);
  }
  telling_ = false;
}

void ReplicaManager::send(const TopicPartition& name, const IsrProposal& proposal) {
  const MetadataImage& image = controller_.image();
  const TopicState* topic = image.find_topic(name.topic);
  AlterPartitionRequest::Partition change;
  change.partition_index = name.partition;
  change.leader_epoch = proposal.leader_epoch.value;
  change.partition_epoch = proposal.partition_epoch.value;
  for (std::size_t i = 0; i < proposal.isr.size(); ++i) {
    const BrokerId broker = proposal.isr[i];
    const BrokerEpoch epoch = broker == options_.self ? controller_.broker_epoch() : proposal.incarnations[i];
    change.new_isr.push_back(broker.value);
    change.new_isr_with_epochs.push_back({broker.value, epoch.value});
  }
  AlterPartitionRequest request;
  request.broker_id = options_.self.value;
  request.broker_epoch = controller_.broker_epoch().value;
  request.topics.push_back({topic->id, {std::move(change)}});

  controller_.alter_partition(request, [this, name, proposal](Result<AlterPartitionResponse, ChannelFault> response) {
    const auto partition = find(name.topic, name.partition);
    if (!partition) return;
    bool known = false;
    if (response && response->error_code == ErrorCode::none && response->topics.size() == 1 &&
        response->topics[0].partitions.size() == 1) {
      const AlterPartitionResponse::Partition& answer = response->topics[0].partitions[0];
      PartitionState state;
      for (const std::int32_t broker : answer.isr) state.isr.push_back({broker});
      state.leader_epoch = {answer.leader_epoch};
      state.partition_epoch = {answer.partition_epoch};
      const std::size_t before = (*partition)->isr().committed().size();
      known = (*partition)->proposal_answered(proposal, answer.error_code, state);
      const std::size_t after = (*partition)->isr().committed().size();
      if (after < before) metrics_.isr_shrinks.add();
      if (after > before) metrics_.isr_expands.add();
      count_partitions();
    }
    if (!known) send_again_later(name, proposal);
    touched(**partition);
  });
}

void ReplicaManager::send_again_later(const TopicPartition& name, const IsrProposal& proposal) {
  proposal_retries_[name] = runtime_.after(proposal_backoff, [this, name, proposal] {
    const auto timer = proposal_retries_.extract(name);  // it is running: gone when this returns
    const auto partition = find(name.topic, name.partition);
    if (partition && (*partition)->still_wanted(proposal)) send(name, proposal);
  });
}

void ReplicaManager::count_partitions() {
  std::int64_t leaders = 0;
  std::int64_t under_replicated = 0;
  std::int64_t under_min_isr = 0;
  for (const auto& [key, partition] : by_key_) {
    if (partition->leads()) ++leaders;
    if (partition->under_replicated()) ++under_replicated;
    if (partition->under_min_isr()) ++under_min_isr;
  }
  metrics_.partitions.set(static_cast<std::int64_t>(by_key_.size()));
  metrics_.leaders.set(leaders);
  metrics_.under_replicated.set(under_replicated);
  metrics_.under_min_isr.set(under_min_isr);
}

// --- What happens from time to time ---

// Twice in replica.lag.time.max.ms, as Kafka does, while there is anybody to watch.
void ReplicaManager::arm_isr_check() {
  if (isr_check_) return;
  const bool needed = std::any_of(by_key_.begin(), by_key_.end(), [](const auto& entry) {
    return entry.second->leads() && entry.second->isr().committed().size() > 1;
  });
  if (!needed) return;
  isr_check_ = runtime_.after(options_.config.replica_lag_time_max / 2, [this] {
    const auto timer = std::move(isr_check_);
    for (const auto& [key, partition] : by_key_) {
      partition->check_isr();
      touched(*partition);
    }
    arm_isr_check();
  });
}

// Losing a checkpoint costs a later start some time and nothing else; so a disk that refuses one is left as it is.
void ReplicaManager::arm_checkpoints() {
  using Write = Result<void, storage::DiskError> (storage::RootFiles::*)();
  const auto arm = [this](std::unique_ptr<protocol::Timer>& timer, protocol::Duration interval, Write write) {
    if (timer) return;
    timer = runtime_.after(interval, [this, &timer, write] {
      const auto running = std::move(timer);
      remember_logs();
      static_cast<void>((root_files_.*write)());
    });
  };
  const BrokerConfig& config = options_.config;
  arm(high_watermark_checkpoint_, config.high_watermark_checkpoint_interval, &storage::RootFiles::write_high_watermarks);
  arm(recovery_point_checkpoint_, config.recovery_point_checkpoint_interval, &storage::RootFiles::write_recovery_points);
  arm(log_start_checkpoint_, config.log_start_checkpoint_interval, &storage::RootFiles::write_log_starts);
}

void ReplicaManager::remember_logs() {
  for (const auto& [key, partition] : by_key_) {
    const Replica& replica = partition->replica();
    root_files_.remember(replica.name(), replica.log(), replica.high_watermark());
  }
}

void ReplicaManager::arm_retention() {
  retention_ = runtime_.after(options_.config.retention_check_interval, [this] {
    const auto timer = std::move(retention_);
    delete_old_segments();
    arm_retention();
  });
}

// In Kafka, too, flush.ms does nothing unless somebody sets how often to look.
void ReplicaManager::arm_flushes() {
  if (options_.config.flush_check_interval == TopicConfig::Milliseconds::max()) return;
  flushes_ = runtime_.after(timer_for(options_.config.flush_check_interval), [this] {
    const auto timer = std::move(flushes_);
    for (const auto& [key, partition] : by_key_) partition->flush_if_due();
    arm_flushes();
  });
}

void ReplicaManager::delete_old_segments() {
  for (const auto& [key, partition] : by_key_) {
    if (!partition->delete_old_segments()) continue;
    remove_deleted_files_later(*partition);
    touched(*partition);
  }
}

// Whoever reads from a segment that was deleted may finish. What a crash leaves is removed when the log is opened again.
void ReplicaManager::remove_deleted_files_later(const Partition& partition) {
  const TopicState* topic = controller_.image().find_topic(partition.name().topic);
  if (!topic) return;
  const auto delay = timer_for(options_.config.of_topic(topic->settings).file_delete_delay);
  removals_of_segments_[partition.key()] = runtime_.after(delay, [this, key = partition.key()] {
    const auto timer = removals_of_segments_.extract(key);  // it is running: gone when this returns
    if (Partition* still_here = find(key)) static_cast<void>(still_here->remove_deleted_files());
  });
}

// Leaders and followers forget by themselves, each by its own clock and by the timestamps that the batches bear. An open log is
// replayed into all producers again; those that are too old go with the next check.
void ReplicaManager::arm_producer_expiry() {
  producer_expiry_ = runtime_.after(options_.config.producer_id_expiration_check_interval, [this] {
    const auto expiration = std::chrono::duration_cast<std::chrono::milliseconds>(options_.config.producer_id_expiration);
    const std::int64_t oldest_kept = runtime_.wall_now().milliseconds - expiration.count();
    for (const auto& [key, partition] : by_key_) partition->forget_producers_before(oldest_kept);
    arm_producer_expiry();
  });
}

void ReplicaManager::close() {
  bool closed = true;
  for (const auto& [key, partition] : by_key_) closed = partition->close().has_value() && closed;
  remember_logs();
  if (closed) static_cast<void>(root_files_.mark_clean(controller_.broker_epoch()));
}

}  // namespace acklab::broker
