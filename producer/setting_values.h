// The kinds of values that settings have: each reads a text into one member of the configuration and shows it again.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <type_traits>

#include "producer/setting.h"

namespace acklab::producer {

// Kafka's time-outs of 64 bits are often set to their maximum, "for ever". This is as long and can still be added to a time.
inline constexpr std::chrono::milliseconds for_ever{std::int64_t{100} * 365 * 24 * 3600 * 1000};

inline constexpr std::int64_t int32_max = std::numeric_limits<std::int32_t>::max();
inline constexpr std::int64_t int64_max = std::numeric_limits<std::int64_t>::max();

// The whole number that the text is, if it is one from low to high.
std::optional<std::int64_t> number_between(std::string_view text, std::int64_t low, std::int64_t high);

template <auto Member, std::int64_t High>
constexpr Values milliseconds() {
  return {.unit = "milliseconds",
          .words = {},
          .high = High,
          .set =
              [](ProducerConfig& config, std::string_view value) {
                const auto number = number_between(value, 0, High);
                if (!number) return false;
                config.*Member = std::chrono::milliseconds(std::min<std::int64_t>(*number, for_ever.count()));
                return true;
              },
          .show =
              [](const ProducerConfig& config) {
                return std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(config.*Member).count());
              }};
}

template <auto Member, std::int64_t Low, std::int64_t High>
constexpr Values number(std::string_view unit = {}) {
  return {.unit = unit,
          .words = {},
          .low = Low,
          .high = High,
          .set =
              [](ProducerConfig& config, std::string_view value) {
                const auto read = number_between(value, Low, High);
                if (!read) return false;
                config.*Member = static_cast<std::remove_reference_t<decltype(config.*Member)>>(*read);
                return true;
              },
          .show = [](const ProducerConfig& config) { return std::to_string(config.*Member); }};
}

template <auto Member, std::int64_t Low, std::int64_t High>
constexpr Values bytes() {
  return number<Member, Low, High>("bytes");
}

template <auto Member>
constexpr Values flag() {
  return {.unit = {},
          .words = "true or false",
          .set =
              [](ProducerConfig& config, std::string_view value) {
                if (value != "true" && value != "false") return false;
                config.*Member = value == "true";
                return true;
              },
          .show = [](const ProducerConfig& config) { return std::string(config.*Member ? "true" : "false"); }};
}

// Those that are unlike all others.
Values acks_values();
Values client_id_values();
Values codec_values();
Values gzip_level_values();
Values partitioner_values();
Values unsafe_variant_values();

}  // namespace acklab::producer
