// What the producer believes about the cluster, and when to ask again. Pure.
//
// The belief may be old: brokers learn of elections at different times, so an answer can be older than what another broker said before.
// The leader epoch tells: an entry with a lower epoch than the known one is ignored (KIP-320).
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "producer/config.h"
#include "protocol/messages/metadata.h"
#include "protocol/runtime/node.h"
#include "protocol/runtime/random.h"
#include "protocol/runtime/time.h"
#include "protocol/types.h"

namespace acklab::producer {

// Who leads a partition, and since which election.
struct Leader {
  protocol::BrokerId broker{};
  protocol::LeaderEpoch epoch{};

  bool known() const { return broker.known(); }
  friend auto operator<=>(const Leader&, const Leader&) = default;
};

// What is known of a topic. No partitions: nothing, or not yet.
struct TopicMetadata {
  protocol::Uuid id;
  std::vector<Leader> partitions;
  // Why the topic will never be usable: its name is illegal, or not for us. Nothing if that was not said.
  std::optional<protocol::ErrorCode> refusal;
  bool resting = false;  // not asked about
};

class MetadataCache {
 public:
  // `config` outlives the cache.
  MetadataCache(const ProducerConfig& config, protocol::Random random) : config_(config), random_(random) {}

  // What is known. No partitions: the topic is not known, or not yet.
  const std::vector<Leader>& partitions(std::string_view topic) const;
  Leader leader(std::string_view topic, std::int32_t partition) const;
  const std::map<protocol::BrokerId, protocol::Address>& brokers() const { return brokers_; }

  std::optional<protocol::Time> learned_at() const { return learned_at_; }  // the last answer

  // Asks about the topic from now on. What is known of it stands there as long as the cache lives.
  const TopicMetadata& watch(std::string_view topic);
  // Forgets its partitions and asks no more about it until it is watched again.
  void rest(std::string_view topic);
  // Something contradicted what is known: an answer that is on its way may be as old.
  void ask_again() { wanted_ = true; }
  // Something is missing, perhaps not in an answer that is on its way.
  void ask_for_what_is_missing() { wanted_ = wanted_ || !under_way_; }

  // When the next question is due; `never` while one is under way.
  protocol::Time ask_at() const;
  // The broker that was asked keeps saying what does not help; another may know more.
  bool heard_nothing_new() const { return wanted_ && same_answers_ > patience; }
  protocol::MetadataRequest ask(protocol::Time now);
  void answered(const protocol::MetadataResponse& response, protocol::Time now);
  void not_answered();

 private:
  static constexpr int patience = 2;

  // These return whether anything was news.
  bool learn_brokers(const protocol::MetadataResponse& response);
  bool learn_topic(const protocol::MetadataResponse::Topic& topic);
  void lengthen_pause();

  const ProducerConfig& config_;
  protocol::Random random_;
  std::map<protocol::BrokerId, protocol::Address> brokers_;
  std::map<std::string, TopicMetadata, std::less<>> topics_;

  bool wanted_ = false;
  bool under_way_ = false;
  std::optional<protocol::Time> asked_at_;  // the last question
  std::optional<protocol::Time> learned_at_;
  int same_answers_ = 0;  // in a row: answers without news, or none at all
  Duration pause_{0};     // between two questions
};

}  // namespace acklab::producer
