// Two tables, one for the broker and one for topics: a key, and the function that parses, checks and stores its value. The ranges
// are Kafka's, except that nothing that is waited for or retried may be zero: in the simulator that would be a loop without time.
#include "broker/config.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <chrono>
#include <climits>
#include <span>
#include <vector>

#include "protocol/nearest.h"

namespace acklab::broker {

using protocol::failure;

namespace {

using Outcome = Result<void, std::string>;

constexpr std::int64_t longest_wait_ms = 10LL * 365 * 24 * 3600 * 1000;  // ten years of nanoseconds fit 63 bits

struct Range {
  std::int64_t low;
  std::int64_t high;
};

Result<std::int64_t, std::string> parse_integer(std::string_view key, std::string_view value, Range range) {
  std::int64_t number = 0;
  const char* const end = value.data() + value.size();
  const auto [stop, error] = std::from_chars(value.data(), end, number);
  if (value.empty() || error == std::errc::invalid_argument || stop != end) {
    return failure(fmt::format("{}: \"{}\" is not a whole number", key, value));
  }
  if (error == std::errc::result_out_of_range || number < range.low || number > range.high) {
    return failure(fmt::format("{}: {} is outside {} to {}", key, value, range.low, range.high));
  }
  return number;
}

Result<bool, std::string> parse_boolean(std::string_view key, std::string_view value) {
  if (value == "true") return true;
  if (value == "false") return false;
  return failure(fmt::format("{}: \"{}\" is neither true nor false", key, value));
}

template <class Config>
struct Key {
  std::string_view name;
  Outcome (*store)(Config& config, std::string_view key, std::string_view value);
};

// The functions of the tables. `member` is a pointer to the member of Config where the value goes.

template <auto member, std::int64_t low, std::int64_t high>
constexpr auto integer = [](auto& config, std::string_view key, std::string_view value) -> Outcome {
  const auto number = parse_integer(key, value, {low, high});
  if (!number) return failure(number.error());
  using Member = std::remove_reference_t<decltype(config.*member)>;
  if constexpr (std::is_integral_v<Member>) {
    config.*member = static_cast<Member>(*number);
  } else {
    config.*member = static_cast<typename Member::value_type>(*number);
  }
  return {};
};

template <auto member>
constexpr auto milliseconds = [](auto& config, std::string_view key, std::string_view value) -> Outcome {
  const auto number = parse_integer(key, value, {1, longest_wait_ms});
  if (!number) return failure(number.error());
  config.*member = std::chrono::milliseconds(*number);
  return {};
};

template <auto member>
constexpr auto boolean = [](auto& config, std::string_view key, std::string_view value) -> Outcome {
  const auto truth = parse_boolean(key, value);
  if (!truth) return failure(truth.error());
  config.*member = *truth;
  return {};
};

using B = BrokerConfig;
using T = TopicConfig;

constexpr std::array<Key<B>, 20> broker_keys = {{
    {"num.partitions", integer<&B::num_partitions, 1, max_partitions_per_topic>},
    {"default.replication.factor", integer<&B::default_replication_factor, 1, SHRT_MAX>},
    {"auto.create.topics.enable", boolean<&B::auto_create_topics>},
    {"min.insync.replicas", integer<&B::min_insync_replicas, 1, INT_MAX>},
    {"unclean.leader.election.enable", boolean<&B::unclean_leader_election>},
    {"message.max.bytes", integer<&B::message_max_bytes, 0, INT_MAX>},
    {"log.segment.bytes", integer<&B::log_segment_bytes, 14, INT_MAX>},
    {"log.flush.interval.messages", integer<&B::log_flush_interval_messages, 1, INT64_MAX>},
    {"replica.lag.time.max.ms", milliseconds<&B::replica_lag_time_max>},
    {"replica.fetch.wait.max.ms", milliseconds<&B::replica_fetch_wait_max>},
    {"replica.fetch.min.bytes", integer<&B::replica_fetch_min_bytes, 0, INT_MAX>},
    {"replica.fetch.max.bytes", integer<&B::replica_fetch_max_bytes, 0, INT_MAX>},
    {"replica.fetch.backoff.ms", milliseconds<&B::replica_fetch_backoff>},
    {"replica.high.watermark.checkpoint.interval.ms", milliseconds<&B::high_watermark_checkpoint_interval>},
    {"producer.id.expiration.ms", milliseconds<&B::producer_id_expiration>},
    {"producer.id.expiration.check.interval.ms", milliseconds<&B::producer_id_expiration_check_interval>},
    {"broker.session.timeout.ms", milliseconds<&B::session_timeout>},
    {"broker.heartbeat.interval.ms", milliseconds<&B::heartbeat_interval>},
    {"socket.request.max.bytes", integer<&B::socket_request_max_bytes, 1, INT_MAX>},
    {"fetch.max.bytes", integer<&B::fetch_max_bytes, 1024, INT_MAX>},
}};

constexpr std::array<Key<T>, 5> topic_keys = {{
    {"min.insync.replicas", integer<&T::min_insync_replicas, 1, INT_MAX>},
    {"unclean.leader.election.enable", boolean<&T::unclean_leader_election>},
    {"max.message.bytes", integer<&T::max_message_bytes, 0, INT_MAX>},
    {"segment.bytes", integer<&T::segment_bytes, 14, INT_MAX>},
    {"flush.messages", integer<&T::flush_messages, 1, INT64_MAX>},
}};

std::string_view trimmed(std::string_view value) {
  const std::size_t first = value.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return value.substr(first, value.find_last_not_of(" \t") - first + 1);
}

// Keys and values come from clients too, and go back to them in error lines: nothing of unbounded length may.
constexpr std::size_t longest_text = 100;

template <class Config>
Outcome set_in(std::span<const Key<Config>> keys, Config& config, std::string_view key, std::string_view value) {
  if (key.size() > longest_text) return failure(fmt::format("unknown key of {} characters", key.size()));
  if (value.size() > longest_text) return failure(fmt::format("{}: no value has {} characters", key, value.size()));
  for (const Key<Config>& known : keys) {
    if (known.name == key) return known.store(config, key, trimmed(value));
  }
  std::vector<std::string_view> names;
  for (const Key<Config>& known : keys) names.push_back(known.name);
  return failure(fmt::format("unknown key \"{}\": did you mean \"{}\"?", key, protocol::nearest(key, names)));
}

}  // namespace

Outcome BrokerConfig::set(std::string_view key, std::string_view value) {
  return set_in(std::span<const Key<BrokerConfig>>(broker_keys), *this, key, value);
}

Outcome TopicConfig::set(std::string_view key, std::string_view value) {
  return set_in(std::span<const Key<TopicConfig>>(topic_keys), *this, key, value);
}

}  // namespace acklab::broker
