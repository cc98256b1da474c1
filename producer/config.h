// The producer's configuration: Kafka's keys, units and defaults (those of the era). `acklab config KEY` explains each.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "producer/partitioner.h"
#include "producer/unsafe_variant.h"
#include "protocol/era.h"
#include "protocol/records/compression.h"
#include "protocol/result.h"
#include "protocol/runtime/time.h"
#include "protocol/types.h"

namespace acklab::producer {

using protocol::Duration;
using protocol::Result;
using namespace std::chrono_literals;

// A time that does not come: "only an event will tell".
inline constexpr protocol::Time never = protocol::Time::max();

using Settings = std::map<std::string, std::string>;

struct ProducerConfig {
  std::string client_id = "acklab-producer";  // client.id
  protocol::Acks acks = protocol::Acks::all;  // acks: 0, 1, all, -1
  bool enable_idempotence = true;             // enable.idempotence
  int max_in_flight = 5;                      // max.in.flight.requests.per.connection
  std::int32_t retries = INT32_MAX;           // retries
  Duration delivery_timeout = 120s;           // delivery.timeout.ms
  Duration request_timeout = 30s;             // request.timeout.ms

  // When a batch is ready, and how large it may become.
  Duration linger = 5ms;                   // linger.ms
  std::size_t batch_size = 16384;          // batch.size, bytes
  std::int64_t batch_num_messages = 0;     // batch.num.messages: no batch has more records; 0: no limit
  std::size_t ready_bytes = 0;             // batch.ready.bytes: a batch of so many leaves at once; 0: bytes are no trigger
  std::int64_t ready_messages = 0;         // batch.ready.messages: a batch of so many leaves at once; 0: they are no trigger
  std::size_t max_request_size = 1048576;  // max.request.size, bytes

  std::size_t buffer_memory = 33554432;  // buffer.memory, bytes
  Duration max_block = 60s;              // max.block.ms: how long a record waits for metadata or room

  protocol::Codec compression = protocol::Codec::none;  // compression.type
  int gzip_level = -1;                                  // compression.gzip.level; -1: zlib's default, 6
  int lz4_level = 9;                                    // compression.lz4.level
  int zstd_level = 3;                                   // compression.zstd.level

  PartitionerClass partitioner = PartitionerClass::built_in;  // partitioner.class
  bool adaptive_partitioning = true;                          // partitioner.adaptive.partitioning.enable
  Duration availability_timeout = 0ms;                        // partitioner.availability.timeout.ms; 0: off
  bool ignore_keys = false;                                   // partitioner.ignore.keys

  Duration retry_backoff = 100ms;               // retry.backoff.ms
  Duration retry_backoff_max = 1s;              // retry.backoff.max.ms
  Duration reconnect_backoff = 50ms;            // reconnect.backoff.ms
  Duration reconnect_backoff_max = 1s;          // reconnect.backoff.max.ms
  Duration connection_setup_timeout = 10s;      // socket.connection.setup.timeout.ms
  Duration connection_setup_timeout_max = 30s;  // socket.connection.setup.timeout.max.ms
  Duration connections_max_idle = 540s;         // connections.max.idle.ms
  std::int32_t send_buffer = 131072;            // send.buffer.bytes; -1: the system's default
  std::int32_t receive_buffer = 32768;          // receive.buffer.bytes; -1: the system's default

  Duration metadata_max_age = 300s;      // metadata.max.age.ms
  Duration metadata_max_idle = 300s;     // metadata.max.idle.ms
  Duration metrics_sample_window = 30s;  // metrics.sample.window.ms
  int metrics_num_samples = 2;           // metrics.num.samples

  protocol::Era era = protocol::newest_era();  // whose producer's rules are followed
  // For experiments only; see unsafe_variant.h.
  UnsafeVariant unsafe_variant = UnsafeVariant::none;  // acklab.unsafe.variant
  std::int32_t first_sequence = 0;                     // acklab.unsafe.first.sequence: of each partition, in the first epoch

  // The batches bear sequences.
  bool names_batches() const { return enable_idempotence && unsafe_variant != UnsafeVariant::no_sequence_numbers; }
  // Of compression.type; absent for a codec that has no levels.
  std::optional<int> compression_level() const;
  // The time that makes a batch ready, counted from its first record. Where batch.ready.bytes or batch.ready.messages is set, linger.ms=0 means
  // that no time does, as in sarama.
  Duration ready_after() const;

  static ProducerConfig defaults(const protocol::Era& era = protocol::newest_era());

  // Reads settings, by any of their names (setting.h), over the era's defaults. Idempotence that was not asked for is off when acks,
  // retries or in-flight contradict it; one that was asked for makes the contradiction an error. The error is a line for the user.
  static Result<ProducerConfig, std::string> from(const Settings& settings, const protocol::Era& era = protocol::newest_era());
};

// Limits of our own.
inline constexpr int max_idempotent_in_flight = 5;   // a broker remembers that many batches of a producer (KIP-98, KAFKA-5494)
inline constexpr std::size_t max_client_id = 32767;  // bytes; what the wire can carry
inline constexpr std::size_t max_waiting_records = 1u << 20;  // records that wait for room or metadata; one more fails at once

}  // namespace acklab::producer
