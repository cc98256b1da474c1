// Every option of broker, topic and controller, with Kafka's default. What each is called, may be and means stands in one table
// (config_key.h). Limits on what peers can make us hold live here too.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "protocol/era.h"
#include "protocol/records/compression.h"
#include "protocol/result.h"
#include "protocol/runtime/time.h"

namespace acklab::broker {

using protocol::Duration;
using protocol::Result;

// Keys and values as a user wrote them.
using Settings = std::map<std::string, std::string>;

// What becomes of records that are old: segments are deleted, or only the last record of each key is kept, or both.
struct CleanupPolicy {
  bool deletes = true;
  bool compacts = false;

  friend bool operator==(const CleanupPolicy&, const CleanupPolicy&) = default;
};

enum class TimestampType { create_time, log_append_time };

// What is in force for one topic. A topic that sets nothing of its own has the broker's values (BrokerConfig::topics).
//
// Times that are compared with record timestamps are milliseconds, as those are: Kafka's "for ever" is the largest of them, and no
// Duration. See timer_for() where one is waited for.
struct TopicConfig {
  using Milliseconds = std::chrono::milliseconds;

  // Who may write, and how much at once.
  std::int32_t min_insync_replicas = 1;          // min.insync.replicas
  bool unclean_leader_election = false;          // unclean.leader.election.enable; true by default in old eras
  std::int32_t max_message_bytes = 1048588;      // max.message.bytes; of one batch, less in old eras
  TimestampType timestamp_type{};                // message.timestamp.type
  Milliseconds timestamp_before_max{INT64_MAX};  // message.timestamp.before.max.ms
  Milliseconds timestamp_after_max{3'600'000};   // message.timestamp.after.max.ms; unlimited in old eras
  std::optional<protocol::Codec> compression;    // compression.type; nothing: as the producer chose
  std::int32_t gzip_level = -1;                  // compression.gzip.level
  std::int32_t lz4_level = 9;                    // compression.lz4.level
  std::int32_t zstd_level = 3;                   // compression.zstd.level
  // Segments, and when they are durable.
  std::int32_t segment_bytes = 1073741824;   // segment.bytes
  Milliseconds segment_time{604'800'000};    // segment.ms
  Milliseconds segment_jitter{0};            // segment.jitter.ms
  std::int32_t index_bytes = 10485760;       // segment.index.bytes
  std::int32_t index_interval_bytes = 4096;  // index.interval.bytes
  std::int64_t flush_messages = INT64_MAX;   // flush.messages
  Milliseconds flush_time{INT64_MAX};        // flush.ms
  Milliseconds file_delete_delay{60'000};    // file.delete.delay.ms
  // What is kept, and for how long.
  CleanupPolicy cleanup_policy;                // cleanup.policy
  Milliseconds retention{604'800'000};         // retention.ms; -1: for ever
  std::int64_t retention_bytes = -1;           // retention.bytes; -1: however much it is
  double min_cleanable_dirty_ratio = 0.5;      // min.cleanable.dirty.ratio
  Milliseconds min_compaction_lag{0};          // min.compaction.lag.ms
  Milliseconds max_compaction_lag{INT64_MAX};  // max.compaction.lag.ms
  Milliseconds delete_retention{86'400'000};   // delete.retention.ms

  // Takes a topic's key as Kafka spells it. The error is a line for the user that names the key.
  Result<void, std::string> set(std::string_view key, std::string_view value);
  // What no single key can have wrong: a line for the user.
  Result<void, std::string> check() const;

  friend bool operator==(const TopicConfig&, const TopicConfig&) = default;
};

struct BrokerConfig {
  // Topics.
  std::int32_t num_partitions = 1;              // num.partitions
  std::int16_t default_replication_factor = 1;  // default.replication.factor
  bool auto_create_topics = true;               // auto.create.topics.enable
  bool delete_topics = true;                    // delete.topic.enable
  TopicConfig topics;                           // of every topic that does not say otherwise
  // Replication.
  Duration replica_lag_time_max = std::chrono::seconds(30);               // replica.lag.time.max.ms
  Duration replica_fetch_wait_max = std::chrono::milliseconds(500);       // replica.fetch.wait.max.ms
  std::int32_t replica_fetch_min_bytes = 1;                               // replica.fetch.min.bytes
  std::int32_t replica_fetch_max_bytes = 1048576;                         // replica.fetch.max.bytes
  Duration replica_fetch_backoff = std::chrono::seconds(1);               // replica.fetch.backoff.ms
  Duration high_watermark_checkpoint_interval = std::chrono::seconds(5);  // replica.high.watermark.checkpoint.interval.ms
  // Logs.
  TopicConfig::Milliseconds flush_check_interval{INT64_MAX};              // log.flush.scheduler.interval.ms; by default never
  Duration retention_check_interval = std::chrono::minutes(5);            // log.retention.check.interval.ms
  Duration recovery_point_checkpoint_interval = std::chrono::minutes(1);  // log.flush.offset.checkpoint.interval.ms
  Duration log_start_checkpoint_interval = std::chrono::minutes(1);       // log.flush.start.offset.checkpoint.interval.ms
  bool cleaner = true;                                                    // log.cleaner.enable
  Duration cleaner_backoff = std::chrono::seconds(15);                    // log.cleaner.backoff.ms
  std::int64_t cleaner_dedupe_buffer_bytes = 134217728;                   // log.cleaner.dedupe.buffer.size
  // Idempotent producers.
  Duration producer_id_expiration = std::chrono::hours(24);                   // producer.id.expiration.ms (KIP-854)
  Duration producer_id_expiration_check_interval = std::chrono::minutes(10);  // producer.id.expiration.check.interval.ms
  // Membership.
  Duration session_timeout = std::chrono::seconds(9);     // broker.session.timeout.ms
  Duration heartbeat_interval = std::chrono::seconds(2);  // broker.heartbeat.interval.ms
  // Requests.
  std::int32_t socket_request_max_bytes = 104857600;  // socket.request.max.bytes
  std::int32_t fetch_max_bytes = 57671680;            // fetch.max.bytes
  std::int32_t fetch_session_slots = 1000;            // max.incremental.fetch.session.cache.slots

  Settings given;  // what was set, as it was written: where a value comes from

  // What a broker of this era has if nothing is set.
  static BrokerConfig defaults(const protocol::Era& era);

  // Takes a broker's key as Kafka spells it. Of several keys that say the same thing (log.retention.ms, .minutes, .hours) the finer one
  // counts, in whatever order they come. The error is a line for the user that names the key.
  Result<void, std::string> set(std::string_view key, std::string_view value);

  // What is in force for a topic with these settings. Those that cannot be read, which nobody who checks them has let through, change
  // nothing.
  TopicConfig of_topic(const Settings& settings) const;
};

// How long a timer runs for a topic's time: "for ever" is a hundred years.
Duration timer_for(std::chrono::milliseconds time);

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
