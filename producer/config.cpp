// Reads Kafka's producer keys. One table says for each key what a value may be and where it goes; what keys say about each other
// is decided once all are read, because "not given" and "given with the default value" mean different things there.
#include "producer/config.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

#include "protocol/nearest.h"

namespace acklab::producer {
namespace {

using protocol::Acks;
using protocol::failure;

using Problem = std::optional<std::string>;  // what is wrong with a value, as the rest of a sentence
using Setter = Problem (*)(ProducerConfig& config, std::string_view value);

struct Key {
  std::string_view name;
  Setter set;
};

// Kafka's time-outs of 64 bits are often set to their maximum, "for ever". This is as long and can still be added to a time.
constexpr std::int64_t forever_ms = std::int64_t{100} * 365 * 24 * 3600 * 1000;

constexpr std::int64_t int32_max = std::numeric_limits<std::int32_t>::max();
constexpr std::int64_t int64_max = std::numeric_limits<std::int64_t>::max();

std::optional<std::int64_t> parse_integer(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

Result<std::int64_t, std::string> integer_between(std::string_view value, std::int64_t low, std::int64_t high,
                                                  std::string_view unit) {
  const std::optional<std::int64_t> number = parse_integer(value);
  if (number && *number >= low && *number <= high) return *number;
  return failure(fmt::format("takes a whole number{} from {} to {}", unit, low, high));
}

template <auto Member, std::int64_t High>
Problem set_duration(ProducerConfig& config, std::string_view value) {
  const auto number = integer_between(value, 0, High, " of milliseconds");
  if (!number) return number.error();
  config.*Member = std::chrono::milliseconds(std::min(*number, forever_ms));
  return std::nullopt;
}

template <auto Member, std::int64_t Low, std::int64_t High>
Problem set_number(ProducerConfig& config, std::string_view value) {
  using Number = std::remove_reference_t<decltype(config.*Member)>;
  const auto number = integer_between(value, Low, High, "");
  if (!number) return number.error();
  config.*Member = static_cast<Number>(*number);
  return std::nullopt;
}

template <auto Member, std::int64_t High>
Problem set_bytes(ProducerConfig& config, std::string_view value) {
  const auto number = integer_between(value, 0, High, " of bytes");
  if (!number) return number.error();
  config.*Member = static_cast<std::size_t>(*number);
  return std::nullopt;
}

Problem set_client_id(ProducerConfig& config, std::string_view value) {
  if (value.size() > max_client_id) return fmt::format("takes at most {} bytes", max_client_id);
  config.client_id = value;
  return std::nullopt;
}

Problem set_acks(ProducerConfig& config, std::string_view value) {
  if (value == "0") {
    config.acks = Acks::none;
  } else if (value == "1") {
    config.acks = Acks::leader;
  } else if (value == "all" || value == "-1") {
    config.acks = Acks::all;
  } else {
    return "takes 0, 1 or all";
  }
  return std::nullopt;
}

template <auto Member>
Problem set_flag(ProducerConfig& config, std::string_view value) {
  if (value != "true" && value != "false") return "takes true or false";
  config.*Member = value == "true";
  return std::nullopt;
}

Problem set_compression(ProducerConfig& config, std::string_view value) {
  const std::optional<protocol::Codec> codec = protocol::codec_named(value);
  if (!codec) return "takes none, gzip, snappy, lz4 or zstd";
  config.compression = *codec;
  return std::nullopt;
}

Problem set_partitioner(ProducerConfig& config, std::string_view value) {
  const std::optional<PartitionerClass> found = partitioner_named(value);
  if (!found) return "takes built-in, uniform_sticky, round_robin, random, or one of librdkafka's names";
  config.partitioner = *found;
  return std::nullopt;
}

constexpr std::string_view acks_key = "acks";
constexpr std::string_view batch_size_key = "batch.size";
constexpr std::string_view idempotence_key = "enable.idempotence";
constexpr std::string_view in_flight_key = "max.in.flight.requests.per.connection";
constexpr std::string_view retries_key = "retries";
constexpr std::string_view delivery_timeout_key = "delivery.timeout.ms";
constexpr std::string_view linger_key = "linger.ms";
constexpr std::string_view request_timeout_key = "request.timeout.ms";

using Config = ProducerConfig;

constexpr std::array keys{
    Key{acks_key, set_acks},
    Key{"batch.num.messages", set_number<&Config::batch_num_messages, 1, int32_max>},
    Key{batch_size_key, set_bytes<&Config::batch_size, int32_max>},
    Key{"buffer.memory", set_bytes<&Config::buffer_memory, int64_max>},
    Key{"client.id", set_client_id},
    Key{"compression.gzip.level", set_number<&Config::gzip_level, -1, 9>},
    Key{"compression.lz4.level", set_number<&Config::lz4_level, 1, 17>},
    Key{"compression.type", set_compression},
    Key{"compression.zstd.level", set_number<&Config::zstd_level, -131072, 22>},
    Key{"connections.max.idle.ms", set_duration<&Config::connections_max_idle, int64_max>},
    Key{delivery_timeout_key, set_duration<&Config::delivery_timeout, int32_max>},
    Key{idempotence_key, set_flag<&Config::enable_idempotence>},
    Key{"flush.bytes", set_bytes<&Config::flush_bytes, int32_max>},
    Key{"flush.messages", set_number<&Config::flush_messages, 0, int32_max>},
    Key{linger_key, set_duration<&Config::linger, int64_max>},
    Key{"max.block.ms", set_duration<&Config::max_block, int64_max>},
    Key{in_flight_key, set_number<&Config::max_in_flight, 1, int32_max>},
    Key{"max.request.size", set_bytes<&Config::max_request_size, int32_max>},
    Key{"metadata.max.age.ms", set_duration<&Config::metadata_max_age, int64_max>},
    Key{"metadata.max.idle.ms", set_duration<&Config::metadata_max_idle, int64_max>},
    Key{"metrics.num.samples", set_number<&Config::metrics_num_samples, 1, int32_max>},
    Key{"metrics.sample.window.ms", set_duration<&Config::metrics_sample_window, int64_max>},
    Key{"partitioner.adaptive.partitioning.enable", set_flag<&Config::adaptive_partitioning>},
    Key{"partitioner.availability.timeout.ms", set_duration<&Config::availability_timeout, int64_max>},
    Key{"partitioner.class", set_partitioner},
    Key{"partitioner.ignore.keys", set_flag<&Config::ignore_keys>},
    Key{"receive.buffer.bytes", set_number<&Config::receive_buffer, -1, int32_max>},
    Key{"reconnect.backoff.max.ms", set_duration<&Config::reconnect_backoff_max, int64_max>},
    Key{"reconnect.backoff.ms", set_duration<&Config::reconnect_backoff, int64_max>},
    Key{request_timeout_key, set_duration<&Config::request_timeout, int32_max>},
    Key{retries_key, set_number<&Config::retries, 0, int32_max>},
    Key{"retry.backoff.max.ms", set_duration<&Config::retry_backoff_max, int64_max>},
    Key{"retry.backoff.ms", set_duration<&Config::retry_backoff, int64_max>},
    Key{"send.buffer.bytes", set_number<&Config::send_buffer, -1, int32_max>},
    Key{"socket.connection.setup.timeout.max.ms", set_duration<&Config::connection_setup_timeout_max, int64_max>},
    Key{"socket.connection.setup.timeout.ms", set_duration<&Config::connection_setup_timeout, int64_max>},
};

const Key* find_key(std::string_view name) {
  const auto found = std::find_if(keys.begin(), keys.end(), [&](const Key& key) { return key.name == name; });
  return found == keys.end() ? nullptr : &*found;
}

std::string unknown_key(std::string_view name) {
  std::array<std::string_view, keys.size()> names;
  std::transform(keys.begin(), keys.end(), names.begin(), [](const Key& key) { return key.name; });
  return fmt::format("\"{}\" is no producer setting; did you mean \"{}\"?", name, protocol::nearest(name, names));
}

ProducerConfig defaults(const protocol::Era& era) {
  ProducerConfig config;
  config.acks = era.acks_all_by_default ? Acks::all : Acks::leader;
  config.enable_idempotence = era.idempotence_by_default;
  config.linger = std::chrono::milliseconds(era.linger_ms);
  return config;
}

// Why this configuration cannot be idempotent, as the rest of a sentence.
Problem against_idempotence(const ProducerConfig& config) {
  if (config.acks != Acks::all) return "needs acks=all";
  if (config.retries == 0) return "needs retries above 0";
  if (config.max_in_flight > max_idempotent_in_flight) {
    return fmt::format("needs {} of at most {}, because the broker remembers the last {} batches of a producer", in_flight_key,
                       max_idempotent_in_flight, max_idempotent_in_flight);
  }
  return std::nullopt;
}

Result<void, std::string> settle_idempotence(ProducerConfig& config, const Settings& settings) {
  const auto given = [&](std::string_view key) { return settings.contains(std::string(key)); };
  if (!config.enable_idempotence) return {};
  if (!given(idempotence_key)) {
    config.enable_idempotence = !against_idempotence(config);
    return {};
  }
  // Asked for in an era whose default is acks=1: an acks that nobody asked for gives way.
  if (!given(acks_key)) config.acks = Acks::all;
  if (const Problem problem = against_idempotence(config)) {
    return failure(fmt::format("{}=true {}: change that, or set {}=false", idempotence_key, *problem, idempotence_key));
  }
  return {};
}

// Triggers mean what they mean in sarama: a batch leaves once one of those that are set is reached. So the time that is Kafka's default
// is no trigger beside them, and only the request's size caps a batch unless batch.size was given.
Result<void, std::string> settle_triggers(ProducerConfig& config, const Settings& settings) {
  if (config.flush_bytes == 0 && config.flush_messages == 0) return {};
  if (!settings.contains(std::string(linger_key))) config.linger = 0ms;
  if (!settings.contains(std::string(batch_size_key))) config.batch_size = config.max_request_size;
  if (config.flush_bytes > config.batch_size) {
    return failure(
        fmt::format("flush.bytes={} is never reached, because no batch has more than {}={}: lower the one or raise the other",
                    config.flush_bytes, batch_size_key, config.batch_size));
  }
  return {};
}

Result<void, std::string> settle_delivery_timeout(ProducerConfig& config, const Settings& settings) {
  const Duration least = std::min<Duration>(config.linger + config.request_timeout, std::chrono::milliseconds(forever_ms));
  if (config.delivery_timeout >= least) return {};
  if (!settings.contains(std::string(delivery_timeout_key))) {
    config.delivery_timeout = least;
    return {};
  }
  return failure(fmt::format("{} must be at least {} + {}: raise it to {} or lower one of these", delivery_timeout_key,
                             linger_key, request_timeout_key,
                             std::chrono::duration_cast<std::chrono::milliseconds>(least).count()));
}

}  // namespace

std::optional<int> ProducerConfig::compression_level() const {
  switch (compression) {
    case protocol::Codec::gzip:
      return gzip_level;
    case protocol::Codec::lz4:
      return lz4_level;
    case protocol::Codec::zstd:
      return zstd_level;
    case protocol::Codec::none:
    case protocol::Codec::snappy:
      break;
  }
  return std::nullopt;
}

Duration ProducerConfig::ready_after() const {
  const bool triggers = flush_bytes > 0 || flush_messages > 0;
  return triggers && linger == 0ms ? std::chrono::milliseconds(forever_ms) : linger;
}

Result<ProducerConfig, std::string> ProducerConfig::from(const Settings& settings, const protocol::Era& era) {
  ProducerConfig config = defaults(era);
  for (const auto& [name, value] : settings) {
    const Key* key = find_key(name);
    if (!key) return failure(unknown_key(name));
    if (const Problem problem = key->set(config, value)) {
      return failure(fmt::format("{} = \"{}\": it {}", name, value, *problem));
    }
  }
  if (const auto settled = settle_idempotence(config, settings); !settled) return failure(settled.error());
  if (const auto settled = settle_triggers(config, settings); !settled) return failure(settled.error());
  if (const auto settled = settle_delivery_timeout(config, settings); !settled) return failure(settled.error());
  return config;
}

}  // namespace acklab::producer
