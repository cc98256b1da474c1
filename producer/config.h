// The producer's configuration: Kafka's keys, units and defaults (those of the era).
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "protocol/era.h"
#include "protocol/records/compression.h"
#include "protocol/result.h"
#include "protocol/runtime/time.h"
#include "protocol/types.h"

namespace acklab::producer {

using protocol::Duration;
using protocol::Result;

// A time that does not come: "only an event will tell".
inline constexpr protocol::Time never = protocol::Time::max();

using Settings = std::map<std::string, std::string>;

struct ProducerConfig {
  std::string client_id = "acklab-producer";                   // client.id
  protocol::Acks acks = protocol::Acks::all;                   // acks: 0, 1, all, -1
  bool enable_idempotence = true;                              // enable.idempotence
  int max_in_flight = 5;                                       // max.in.flight.requests.per.connection
  std::int32_t retries = INT32_MAX;                            // retries
  Duration delivery_timeout = std::chrono::seconds(120);       // delivery.timeout.ms
  Duration request_timeout = std::chrono::seconds(30);         // request.timeout.ms
  Duration linger = std::chrono::milliseconds(5);              // linger.ms
  std::size_t batch_size = 16384;                              // batch.size, bytes
  std::size_t max_request_size = 1048576;                      // max.request.size, bytes
  std::size_t buffer_memory = 33554432;                        // buffer.memory, bytes
  Duration max_block = std::chrono::seconds(60);               // max.block.ms: how long a record waits for metadata or room
  protocol::Codec compression = protocol::Codec::none;         // compression.type
  Duration retry_backoff = std::chrono::milliseconds(100);     // retry.backoff.ms
  Duration retry_backoff_max = std::chrono::seconds(1);        // retry.backoff.max.ms
  Duration reconnect_backoff = std::chrono::milliseconds(50);  // reconnect.backoff.ms
  Duration reconnect_backoff_max = std::chrono::seconds(1);    // reconnect.backoff.max.ms
  Duration metadata_max_age = std::chrono::seconds(300);       // metadata.max.age.ms

  // Reads Kafka's keys over the era's defaults. Idempotence that was not asked for is off when acks or in-flight contradict it;
  // one that was asked for makes the contradiction an error. The error is a line for the user.
  static Result<ProducerConfig, std::string> from(const Settings& settings, const protocol::Era& era = protocol::newest_era());
};

// Limits of our own.
inline constexpr int max_idempotent_in_flight = 5;   // a broker remembers that many batches of a producer (KIP-98, KAFKA-5494)
inline constexpr std::size_t max_client_id = 32767;  // bytes; what the wire can carry
inline constexpr std::size_t max_waiting_records = 1u << 20;  // records that wait for room or metadata; one more fails at once

}  // namespace acklab::producer
