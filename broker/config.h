// Every option of broker, topic and controller, by its Kafka name, with Kafka's default. Limits on what peers can make us hold
// live here too.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "protocol/era.h"
#include "protocol/result.h"
#include "protocol/runtime/time.h"

namespace acklab::broker {

using protocol::Duration;
using protocol::Result;

// Keys and values as a user wrote them.
using Settings = std::map<std::string, std::string>;

struct BrokerConfig {
  // Topics.
  std::int32_t num_partitions = 1;                       // num.partitions
  std::int16_t default_replication_factor = 1;           // default.replication.factor
  bool auto_create_topics = true;                        // auto.create.topics.enable
  std::int32_t min_insync_replicas = 1;                  // min.insync.replicas
  bool unclean_leader_election = false;                  // unclean.leader.election.enable; true by default in old eras
  std::int32_t message_max_bytes = 1048588;              // message.max.bytes
  std::int64_t log_segment_bytes = 1073741824;           // log.segment.bytes
  std::int64_t log_flush_interval_messages = INT64_MAX;  // log.flush.interval.messages
  // Replication.
  Duration replica_lag_time_max = std::chrono::seconds(30);               // replica.lag.time.max.ms
  Duration replica_fetch_wait_max = std::chrono::milliseconds(500);       // replica.fetch.wait.max.ms
  std::int32_t replica_fetch_min_bytes = 1;                               // replica.fetch.min.bytes
  std::int32_t replica_fetch_max_bytes = 1048576;                         // replica.fetch.max.bytes
  Duration replica_fetch_backoff = std::chrono::seconds(1);               // replica.fetch.backoff.ms
  Duration high_watermark_checkpoint_interval = std::chrono::seconds(5);  // replica.high.watermark.checkpoint.interval.ms
  // Idempotent producers.
  Duration producer_id_expiration = std::chrono::hours(24);                   // producer.id.expiration.ms (KIP-854)
  Duration producer_id_expiration_check_interval = std::chrono::minutes(10);  // producer.id.expiration.check.interval.ms
  // Membership.
  Duration session_timeout = std::chrono::seconds(9);     // broker.session.timeout.ms
  Duration heartbeat_interval = std::chrono::seconds(2);  // broker.heartbeat.interval.ms
  // Requests.
  std::int32_t socket_request_max_bytes = 104857600;  // socket.request.max.bytes
  std::int32_t fetch_max_bytes = 57671680;            // fetch.max.bytes

  // Takes a key as Kafka spells it. The error is a line for the user that names the key.
  Result<void, std::string> set(std::string_view key, std::string_view value);
};

// What one topic overrides. Keys: min.insync.replicas, unclean.leader.election.enable, max.message.bytes, segment.bytes,
// flush.messages.
struct TopicConfig {
  std::optional<std::int32_t> min_insync_replicas;
  std::optional<bool> unclean_leader_election;
  std::optional<std::int32_t> max_message_bytes;
  std::optional<std::int64_t> segment_bytes;
  std::optional<std::int64_t> flush_messages;

  Result<void, std::string> set(std::string_view key, std::string_view value);

  friend bool operator==(const TopicConfig&, const TopicConfig&) = default;
};

// Limits of our own: a peer that goes beyond one costs itself its connection.
inline constexpr std::size_t max_pipelined_requests = 1000;           // per connection; beyond that it is not read
inline constexpr std::size_t max_pipelined_bytes = 16u << 20;         // the same, in bytes of whole requests
inline constexpr std::size_t max_unsent_response_bytes = 256u << 20;  // per connection; beyond that it is closed
inline constexpr std::int32_t max_partitions_per_topic = 10000;
inline constexpr std::size_t max_topics = 10000;
inline constexpr std::size_t max_new_partitions_per_request = 10000;  // of one CreateTopics, as in Kafka
inline constexpr std::int32_t max_broker_id = 63;                     // the journal holds sets of brokers as 64 bits
inline constexpr std::size_t max_controller_connections = 1000;
inline constexpr std::size_t max_metadata_fetch_bytes = 1u << 20;  // and always one whole batch

}  // namespace acklab::broker
