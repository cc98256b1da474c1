#include "producer/metadata_cache.h"

#include "producer/retry.h"
#include "protocol/check.h"

namespace acklab::producer {

using protocol::BrokerId;
using protocol::ErrorCode;
using protocol::LeaderEpoch;
using protocol::Time;

const std::vector<Leader>& MetadataCache::partitions(std::string_view topic) const {
  static const std::vector<Leader> none;
  const auto found = topics_.find(topic);
  return found == topics_.end() ? none : found->second.partitions;
}

Leader MetadataCache::leader(std::string_view topic, std::int32_t partition) const {
  const std::vector<Leader>& leaders = partitions(topic);
  const auto index = static_cast<std::size_t>(partition);
  return partition >= 0 && index < leaders.size() ? leaders[index] : Leader{};
}

const TopicMetadata& MetadataCache::watch(std::string_view topic) {
  const auto found = topics_.find(topic);
  if (found != topics_.end() && !found->second.resting) return found->second;
  wanted_ = true;
  TopicMetadata& watched = found != topics_.end() ? found->second : topics_.try_emplace(std::string(topic)).first->second;
  watched.resting = false;
  return watched;
}

void MetadataCache::rest(std::string_view topic) {
  const auto found = topics_.find(topic);
  if (found != topics_.end()) found->second = {.id = {}, .partitions = {}, .refusal = std::nullopt, .resting = true};
}

Time MetadataCache::ask_at() const {
  if (under_way_ || topics_.empty()) return never;
  if (!wanted_ && learned_at_) return *learned_at_ + config_.metadata_max_age;
  return asked_at_ ? *asked_at_ + pause_ : Time::min();
}

protocol::MetadataRequest MetadataCache::ask(Time now) {
  CHECK(!under_way_);
  protocol::MetadataRequest request;
  for (const auto& [name, topic] : topics_) {
    if (topic.resting) continue;
    protocol::MetadataRequest::Topic& entry = request.topics->emplace_back();
    entry.name = name;
  }
  under_way_ = true;
  wanted_ = false;  // whoever wants more while this one travels gets another
  asked_at_ = now;
  return request;
}

void MetadataCache::answered(const protocol::MetadataResponse& response, Time now) {
  CHECK(under_way_);
  under_way_ = false;
  learned_at_ = now;
  bool news = learn_brokers(response);
  for (const auto& topic : response.topics) news = learn_topic(topic) || news;
  if (news) same_answers_ = 0;
  lengthen_pause();
}

void MetadataCache::not_answered() {
  CHECK(under_way_);
  under_way_ = false;
  wanted_ = true;
  lengthen_pause();
}

// Asking again and hearing the same should become rarer (KIP-580).
void MetadataCache::lengthen_pause() {
  ++same_answers_;
  pause_ = back_off(same_answers_, config_.retry_backoff, config_.retry_backoff_max, random_);
}

bool MetadataCache::learn_brokers(const protocol::MetadataResponse& response) {
  std::map<BrokerId, protocol::Address> brokers;
  for (const auto& broker : response.brokers) {
    if (broker.node_id < 0 || broker.port <= 0 || broker.port > 65535) continue;
    brokers[BrokerId{broker.node_id}] = {broker.host, static_cast<std::uint16_t>(broker.port)};
  }
  // A broker that has just started may not know any. What we knew is more use.
  if (brokers.empty() || brokers == brokers_) return false;
  brokers_ = std::move(brokers);
  return true;
}

bool MetadataCache::learn_topic(const protocol::MetadataResponse::Topic& answer) {
  const auto found = answer.name ? topics_.find(*answer.name) : topics_.end();
  if (found == topics_.end() || found->second.resting) return false;
  TopicMetadata& topic = found->second;

  if (answer.error_code != ErrorCode::none) {
    const bool for_ever = !protocol::retriable(answer.error_code);
    topic.refusal = for_ever ? std::optional(answer.error_code) : std::nullopt;
    if (!for_ever) wanted_ = true;
    return false;
  }

  bool news = topic.refusal.has_value();
  topic.refusal.reset();
  if (answer.topic_id != topic.id) {
    // Another topic of this name: its epochs began anew.
    if (!topic.id.is_zero()) topic.partitions.clear();
    topic.id = answer.topic_id;
  }
  for (const auto& partition : answer.partitions) {
    const auto index = static_cast<std::size_t>(partition.partition_index);
    // Partitions are numbered without gaps, so the answer bounds the number.
    if (partition.partition_index < 0 || index >= answer.partitions.size()) continue;
    if (index >= topic.partitions.size()) topic.partitions.resize(answer.partitions.size());
    Leader& known = topic.partitions[index];
    const Leader heard{BrokerId{partition.leader_id}, LeaderEpoch{partition.leader_epoch}};
    if (heard.epoch.known() && heard.epoch < known.epoch) continue;
    if (heard == known) continue;
    known = heard;
    news = true;
  }
  return news;
}

}  // namespace acklab::producer
