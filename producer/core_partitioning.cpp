// Which partition a record goes to that names none: what partitioner.class makes of its key, or one that may be drawn.
#include "producer/core.h"
#include "producer/partitioner.h"

namespace acklab::producer {

std::int32_t Producer::Core::choose_partition(Topic& topic, const std::optional<std::string_view>& key) {
  const auto count = static_cast<std::int32_t>(topic.known->partitions.size());
  // As in Kafka, partitioner.ignore.keys speaks to the built-in partitioner only.
  const bool ignores_keys = config_.ignore_keys && config_.partitioner == PartitionerClass::built_in;
  const std::optional<std::int32_t> by_key = ignores_keys ? std::nullopt : partition_by_key(config_.partitioner, key, count);
  if (by_key) return *by_key;

  if (config_.partitioner == PartitionerClass::round_robin) {
    const std::vector<Candidate> all = candidates(topic);
    return all[topic.turn++ % all.size()].partition;
  }
  if (config_.partitioner == PartitionerClass::random) return draw_evenly(candidates(topic), sticky_random_);

  const Newest newest = waits_for_more(topic, topic.sticky.current()) ? Newest::half_full : Newest::none_or_full;
  if (topic.sticky.moves_on(newest, count)) topic.sticky.move_to(draw_by_load(candidates(topic), sticky_random_));
  return topic.sticky.current();
}

bool Producer::Core::waits_for_more(const Topic& topic, std::int32_t partition) const {
  const auto index = static_cast<std::size_t>(partition);
  return index < topic.partitions.size() && topic.partitions[index] && topic.partitions[index]->buffer.half_full();
}

// The partitions that may be drawn: those with a leader that takes what it is offered; else those with a leader; else all. Never empty.
std::vector<Candidate> Producer::Core::candidates(const Topic& topic) const {
  const std::vector<Leader>& leaders = topic.known->partitions;
  std::vector<Candidate> led;
  std::vector<Candidate> ready;
  std::vector<Candidate> all;
  for (std::size_t i = 0; i < leaders.size(); ++i) {
    const Candidate candidate{static_cast<std::int32_t>(i), queued(topic, i)};
    all.push_back(candidate);
    if (!leaders[i].known()) continue;
    led.push_back(candidate);
    if (available(leaders[i].broker)) ready.push_back(candidate);
  }
  return !ready.empty() ? ready : !led.empty() ? led : all;
}

// Without partitioner.adaptive.partitioning.enable all queues look alike.
std::size_t Producer::Core::queued(const Topic& topic, std::size_t partition) const {
  if (!config_.adaptive_partitioning || partition >= topic.partitions.size() || !topic.partitions[partition]) return 0;
  return topic.partitions[partition]->buffer.queued_count();
}

bool Producer::Core::available(protocol::BrokerId leader) const {
  if (config_.availability_timeout == 0ms) return true;
  const auto sink = sinks_.find(leader);
  return sink == sinks_.end() || runtime_.now() - sink->second->unready_since() <= config_.availability_timeout;
}

}  // namespace acklab::producer
