// Which partition a record's key decides: the same for all clients that hash alike, so that equal keys keep their order whoever sends
// them. Clients do not hash alike: Kafka's Java producer takes murmur2, librdkafka CRC-32 unless told otherwise, sarama FNV-1a. Pure.
//
// Two names of librdkafka's may sound alike: `consistent` puts all records without a key on one partition, since it hashes an empty
// key for them; `consistent_random` lets them go anywhere.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace acklab::producer {

// partitioner.class: who decides where a record goes that names no partition.
enum class PartitionerClass {
  built_in,           // Kafka's default: murmur2 of the key; without one, uniform sticky (KIP-794)
  uniform_sticky,     // sticky, whatever the key
  round_robin,        // the partitions in turn, whatever the key
  random,             // any, whatever the key
  consistent,         // CRC-32 of the key; no key counts as an empty one
  consistent_random,  // CRC-32 of the key; sticky without one, or with an empty one
  murmur2,            // murmur2 of the key; no key counts as an empty one
  murmur2_random,     // as built_in
  fnv1a,              // FNV-1a of the key; no key counts as an empty one
  fnv1a_random,       // FNV-1a of the key; sticky without one
};

// By the name it has here, which is librdkafka's where librdkafka has it, or by the name of Kafka's class, with or without its package.
std::optional<PartitionerClass> partitioner_named(std::string_view name);
std::string_view name(PartitionerClass by);

// MurmurHash2 (Austin Appleby) with Kafka's seed; signed, as Java has it.
std::int32_t murmur2(std::string_view bytes);
// The checksum of zlib and Ethernet.
std::uint32_t crc32(std::string_view bytes);
// Fowler, Noll and Vo's hash of 32 bits; signed, as sarama has it.
std::int32_t fnv1a(std::string_view bytes);

// The partition that the key, or its absence, decides by itself; nothing if records like this may go anywhere. Over all partitions,
// whether they have a leader or not; `partitions` is positive.
std::optional<std::int32_t> partition_by_key(PartitionerClass by, std::optional<std::string_view> key, std::int32_t partitions);

}  // namespace acklab::producer
