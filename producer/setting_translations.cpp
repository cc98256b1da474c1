#include "producer/setting_translations.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <span>

#include "producer/setting_values.h"

namespace acklab::producer {

using protocol::failure;
using protocol::Result;

namespace {

constexpr std::int64_t microsecond = 1000, millisecond = 1000 * microsecond, second = 1000 * millisecond;

struct GoUnit {
  std::string_view name;
  std::string_view constant;  // of package time
  std::int64_t nanoseconds;
};
constexpr GoUnit go_units[] = {
    {"ns", "time.Nanosecond", 1},
    {"us", "time.Microsecond", microsecond},
    {"µs", "time.Microsecond", microsecond},
    {"ms", "time.Millisecond", millisecond},
    {"s", "time.Second", second},
    {"m", "time.Minute", 60 * second},
    {"h", "time.Hour", 3600 * second},
};

// No sum of a setting's comes near what an integer holds.
constexpr std::int64_t max_go_number = 1'000'000'000;

std::string without_spaces(std::string_view text) {
  std::string kept(text);
  std::erase(kept, ' ');
  return kept;
}

std::string_view without_package(std::string_view text) {
  return text.starts_with("sarama.") ? text.substr(std::string_view("sarama.").size()) : text;
}

// "100*time.Millisecond", in nanoseconds.
std::optional<std::int64_t> go_product(std::string_view text) {
  const std::size_t star = text.find('*');
  const auto count = number_between(text.substr(0, star), 0, max_go_number);
  if (star == std::string_view::npos || !count) return std::nullopt;
  for (const GoUnit& unit : go_units) {
    if (text.substr(star + 1) == unit.constant) return *count * unit.nanoseconds;
  }
  return std::nullopt;
}

// "1m30s", in nanoseconds. Only zero goes without a unit.
std::optional<std::int64_t> go_text(std::string_view text) {
  if (text == "0") return 0;
  if (text.empty()) return std::nullopt;
  std::int64_t total = 0;
  while (!text.empty()) {
    const std::size_t digits = std::min(text.find_first_not_of("0123456789"), text.size());
    const std::size_t end = std::min(text.find_first_of("0123456789", digits), text.size());
    const auto count = number_between(text.substr(0, digits), 0, max_go_number);
    const std::string_view name = text.substr(digits, end - digits);
    const auto unit = std::find_if(std::begin(go_units), std::end(go_units), [&](const GoUnit& one) { return one.name == name; });
    if (!count || unit == std::end(go_units)) return std::nullopt;
    total += *count * unit->nanoseconds;
    text.remove_prefix(end);
  }
  return total;
}

struct Constant {
  std::string_view in_sarama;
  std::string_view in_kafka;
};

Result<std::string, std::string> from_constant(std::string_view value, std::span<const Constant> constants,
                                               std::string_view takes) {
  for (const auto& [in_sarama, in_kafka] : constants) {
    if (without_package(value) == in_sarama || value == in_kafka) return std::string(in_kafka);
  }
  return failure(std::string(takes));
}

}  // namespace

Result<std::string, std::string> from_go_duration(std::string_view value) {
  const std::string text = without_spaces(value);
  const auto nanoseconds = text.find('*') != std::string::npos ? go_product(text) : go_text(text);
  if (!nanoseconds || *nanoseconds % millisecond != 0) {
    return failure(std::string("a Go duration of whole milliseconds, such as 100ms, 10s or 10 * time.Second"));
  }
  return std::to_string(*nanoseconds / millisecond);
}

Result<std::string, std::string> from_sarama_acks(std::string_view value) {
  static constexpr Constant constants[] = {
      {"NoResponse", "0"}, {"WaitForLocal", "1"}, {"WaitForAll", "all"}, {"WaitForAll", "-1"}};
  return from_constant(value, constants, "NoResponse, WaitForLocal or WaitForAll");
}

Result<std::string, std::string> from_sarama_codec(std::string_view value) {
  static constexpr Constant constants[] = {{"CompressionNone", "none"},
                                           {"CompressionGZIP", "gzip"},
                                           {"CompressionSnappy", "snappy"},
                                           {"CompressionLZ4", "lz4"},
                                           {"CompressionZSTD", "zstd"}};
  return from_constant(value, constants,
                       "CompressionNone, CompressionGZIP, CompressionSnappy, CompressionLZ4 or CompressionZSTD");
}

Result<std::string, std::string> from_sarama_partitioner(std::string_view value) {
  static constexpr Constant constants[] = {{"NewHashPartitioner", "fnv1a_random"},
                                           {"NewConsistentCRCHashPartitioner", "consistent_random"},
                                           {"NewRandomPartitioner", "random"},
                                           {"NewRoundRobinPartitioner", "round_robin"}};
  return from_constant(value, constants,
                       "NewHashPartitioner, NewConsistentCRCHashPartitioner, NewRandomPartitioner or NewRoundRobinPartitioner; a "
                       "record that names its partition goes there without NewManualPartitioner");
}

Result<std::string, std::string> from_kilobytes(std::string_view value) {
  const auto kilobytes = number_between(value, 1, int32_max);
  if (!kilobytes) return failure(std::string("a whole number of kilobytes from 1 to 2147483647"));
  return std::to_string(*kilobytes * 1024);
}

}  // namespace acklab::producer
