#include "producer/partitioner.h"

#include <zlib.h>

#include <cstddef>

#include "protocol/check.h"

namespace acklab::producer {
namespace {

struct ClassName {
  std::string_view name;
  PartitionerClass by;
};

// The first name of each is the one that is shown.
constexpr ClassName class_names[] = {
    {"built-in", PartitionerClass::built_in},
    {"uniform_sticky", PartitionerClass::uniform_sticky},
    {"round_robin", PartitionerClass::round_robin},
    {"random", PartitionerClass::random},
    {"consistent", PartitionerClass::consistent},
    {"consistent_random", PartitionerClass::consistent_random},
    {"murmur2", PartitionerClass::murmur2},
    {"murmur2_random", PartitionerClass::murmur2_random},
    {"fnv1a", PartitionerClass::fnv1a},
    {"fnv1a_random", PartitionerClass::fnv1a_random},
    {"org.apache.kafka.clients.producer.internals.DefaultPartitioner", PartitionerClass::built_in},
    {"org.apache.kafka.clients.producer.UniformStickyPartitioner", PartitionerClass::uniform_sticky},
    {"org.apache.kafka.clients.producer.RoundRobinPartitioner", PartitionerClass::round_robin},
};

}  // namespace

std::optional<PartitionerClass> partitioner_named(std::string_view name) {
  for (const auto& [known, by] : class_names) {
    const std::string_view without_package = known.substr(known.rfind('.') + 1);
    if (name == known || name == without_package) return by;
  }
  return std::nullopt;
}

std::string_view name(PartitionerClass by) {
  for (const auto& [known, of] : class_names) {
    if (of == by) return known;
  }
  CHECK(false);
}

std::int32_t murmur2(std::string_view bytes) {
  constexpr std::uint32_t seed = 0x9747b28c;
  constexpr std::uint32_t multiplier = 0x5bd1e995;
  constexpr int rotation = 24;

  const auto byte = [&](std::size_t i) { return static_cast<std::uint32_t>(static_cast<unsigned char>(bytes[i])); };
  std::uint32_t hash = seed ^ static_cast<std::uint32_t>(bytes.size());
  std::size_t at = 0;
  for (; bytes.size() - at >= 4; at += 4) {
    std::uint32_t word = byte(at) | byte(at + 1) << 8 | byte(at + 2) << 16 | byte(at + 3) << 24;
    word *= multiplier;
    word ^= word >> rotation;
    word *= multiplier;
    hash = (hash * multiplier) ^ word;
  }
  if (at < bytes.size()) {
    for (std::size_t i = bytes.size(); i-- > at;) hash ^= byte(i) << (8 * (i - at));
    hash *= multiplier;
  }
  hash ^= hash >> 13;
  hash *= multiplier;
  hash ^= hash >> 15;
  return static_cast<std::int32_t>(hash);
}

std::uint32_t crc32(std::string_view bytes) {
  return static_cast<std::uint32_t>(
      ::crc32(0, reinterpret_cast<const unsigned char*>(bytes.data()), static_cast<unsigned>(bytes.size())));
}

std::int32_t fnv1a(std::string_view bytes) {
  constexpr std::uint32_t offset_basis = 0x811c9dc5;
  constexpr std::uint32_t prime = 0x01000193;

  std::uint32_t hash = offset_basis;
  for (const char c : bytes) hash = (hash ^ static_cast<unsigned char>(c)) * prime;
  return static_cast<std::int32_t>(hash);
}

namespace {

// Each client makes its hash positive in its own way.
std::uint32_t murmur2_of(std::string_view key) { return static_cast<std::uint32_t>(murmur2(key) & INT32_MAX); }
std::uint32_t fnv1a_of(std::string_view key) {
  const std::int32_t hash = fnv1a(key);
  return hash < 0 ? 0 - static_cast<std::uint32_t>(hash) : static_cast<std::uint32_t>(hash);
}

}  // namespace

std::optional<std::int32_t> partition_by_key(PartitionerClass by, std::optional<std::string_view> key, std::int32_t partitions) {
  CHECK(partitions > 0);
  const auto chosen_by = [&](std::uint32_t hash) {
    return static_cast<std::int32_t>(hash % static_cast<std::uint32_t>(partitions));
  };
  const std::string_view bytes = key.value_or(std::string_view{});
  switch (by) {
    case PartitionerClass::consistent:
      return chosen_by(crc32(bytes));
    case PartitionerClass::consistent_random:
      if (!bytes.empty()) return chosen_by(crc32(bytes));
      break;
    case PartitionerClass::murmur2:
      return chosen_by(murmur2_of(bytes));
    case PartitionerClass::built_in:
    case PartitionerClass::murmur2_random:
      if (key) return chosen_by(murmur2_of(bytes));
      break;
    case PartitionerClass::fnv1a:
      return chosen_by(fnv1a_of(bytes));
    case PartitionerClass::fnv1a_random:
      if (key) return chosen_by(fnv1a_of(bytes));
      break;
    case PartitionerClass::uniform_sticky:
    case PartitionerClass::round_robin:
    case PartitionerClass::random:
      break;
  }
  return std::nullopt;
}

}  // namespace acklab::producer
