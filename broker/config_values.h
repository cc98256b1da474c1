// The kinds of values that configuration keys have: each reads a text into one member of a configuration and shows it again. The ranges
// are Kafka's, except that nothing that is waited for or retried may be zero: in the simulator that would be a loop without time.
#pragma once

#include <chrono>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "broker/config_key.h"
#include "protocol/records/compression.h"

namespace acklab::broker {

// Without the spaces around it.
std::string_view trimmed(std::string_view value);

// The items of a list as Kafka writes one: "compact, delete". Between two commas there may be nothing.
std::vector<std::string_view> items_of(std::string_view list);

Result<std::int64_t, std::string> parse_integer(std::string_view value, std::int64_t low, std::int64_t high);
Result<bool, std::string> parse_boolean(std::string_view value);

namespace config_values {

inline constexpr std::int64_t longest_wait_ms = 10LL * 365 * 24 * 3600 * 1000;  // ten years of nanoseconds fit 63 bits

template <class Config, class Member>
Member member_type(Member Config::*);
template <auto member>
using MemberOf = decltype(member_type(member));

template <class Number>
constexpr ConfigType type_of() {
  if constexpr (sizeof(Number) == 2) return ConfigType::int16;
  if constexpr (sizeof(Number) == 4) return ConfigType::int32;
  return ConfigType::int64;
}

// `member` is a pointer to the member of Config where the value goes.

template <class Config, auto member, std::int64_t low, std::int64_t high = INT64_MAX>
constexpr Values<Config> integer() {
  using Number = MemberOf<member>;
  constexpr std::int64_t top =
      high < std::int64_t{std::numeric_limits<Number>::max()} ? high : std::numeric_limits<Number>::max();
  return {.type = type_of<Number>(),
          .words = {},
          .low = low,
          .high = top,
          .set = [](Config& config, std::string_view value) -> Result<void, std::string> {
            const auto number = parse_integer(value, low, top);
            if (!number) return protocol::failure(number.error());
            config.*member = static_cast<Number>(*number);
            return {};
          },
          .show = [](const Config& config) { return std::to_string(config.*member); }};
}

// A Duration is waited for. A topic's time is as long as Kafka lets it be.
template <class Config, auto member, std::int64_t low = 1>
constexpr Values<Config> milliseconds() {
  using Time = MemberOf<member>;
  constexpr std::int64_t high = std::is_same_v<Time, Duration> ? longest_wait_ms : INT64_MAX;
  return {.type = ConfigType::int64,
          .words = {},
          .low = low,
          .high = high,
          .set = [](Config& config, std::string_view value) -> Result<void, std::string> {
            const auto number = parse_integer(value, low, high);
            if (!number) return protocol::failure(number.error());
            config.*member = std::chrono::milliseconds(*number);
            return {};
          },
          .show =
              [](const Config& config) {
                return std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(config.*member).count());
              }};
}

template <class Config, auto member>
constexpr Values<Config> boolean() {
  return {.type = ConfigType::boolean,
          .words = "true or false",
          .set = [](Config& config, std::string_view value) -> Result<void, std::string> {
            const auto truth = parse_boolean(value);
            if (!truth) return protocol::failure(truth.error());
            config.*member = *truth;
            return {};
          },
          .show = [](const Config& config) { return std::string(config.*member ? "true" : "false"); }};
}

}  // namespace config_values

// Those that are unlike all others.
Values<TopicConfig> cleanup_policy_values();
Values<TopicConfig> compression_values();
Values<TopicConfig> dirty_ratio_values();
Values<TopicConfig> gzip_level_values();
Values<TopicConfig> timestamp_type_values();

}  // namespace acklab::broker
