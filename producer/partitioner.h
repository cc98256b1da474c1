// Which partition a record with a key goes to: the same for all clients that hash like Kafka's Java producer, so that equal keys
// keep their order whoever sends them.
#pragma once

#include <cstdint>
#include <string_view>

namespace acklab::producer {

// MurmurHash2 (Austin Appleby) with Kafka's seed; signed, as Java has it.
std::int32_t murmur2(std::string_view bytes);

// Over all partitions, whether they have a leader or not. `partitions` is positive. An empty key is hashed like any other.
std::int32_t partition_for_key(std::string_view key, std::int32_t partitions);

}  // namespace acklab::producer
