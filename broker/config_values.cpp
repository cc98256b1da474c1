#include "broker/config_values.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace acklab::broker {

using protocol::Codec;
using protocol::failure;

namespace {

using Outcome = Result<void, std::string>;

// What a user may be shown of a value that is none of the known words.
auto none_of(std::string_view value, std::string_view words) { return failure(fmt::format("\"{}\" is not {}", value, words)); }

constexpr std::string_view policy_words = "delete, compact, or both with a comma between them";
constexpr std::string_view compression_words = "producer, uncompressed, gzip, snappy, lz4 or zstd";
constexpr std::string_view ratio_words = "a number from 0 to 1";
constexpr std::string_view gzip_words = "a whole number from 1 to 9, or -1 for zlib's default, which is 6";
constexpr std::string_view timestamp_words = "CreateTime or LogAppendTime";

}  // namespace

std::string_view trimmed(std::string_view value) {
  const std::size_t first = value.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return value.substr(first, value.find_last_not_of(" \t") - first + 1);
}

std::vector<std::string_view> items_of(std::string_view list) {
  std::vector<std::string_view> items;
  for (std::size_t from = 0; from <= list.size();) {
    const std::size_t comma = std::min(list.find(',', from), list.size());
    items.push_back(trimmed(list.substr(from, comma - from)));
    from = comma + 1;
  }
  return items;
}

Result<std::int64_t, std::string> parse_integer(std::string_view value, std::int64_t low, std::int64_t high) {
  std::int64_t number = 0;
  const char* const end = value.data() + value.size();
  const auto [stop, error] = std::from_chars(value.data(), end, number);
  if (value.empty() || error == std::errc::invalid_argument || stop != end) {
    return failure(fmt::format("\"{}\" is not a whole number", value));
  }
  if (error == std::errc::result_out_of_range || number < low || number > high) {
    return failure(fmt::format("{} is outside {} to {}", value, low, high));
  }
  return number;
}

Result<bool, std::string> parse_boolean(std::string_view value) {
  if (value == "true") return true;
  if (value == "false") return false;
  return failure(fmt::format("\"{}\" is neither true nor false", value));
}

Values<TopicConfig> cleanup_policy_values() {
  return {.type = ConfigType::list,
          .words = policy_words,
          .set = [](TopicConfig& config, std::string_view value) -> Outcome {
            CleanupPolicy policy{.deletes = false, .compacts = false};
            for (const std::string_view item : items_of(value)) {
              if (item != "delete" && item != "compact") return none_of(value, policy_words);
              (item == "delete" ? policy.deletes : policy.compacts) = true;
            }
            config.cleanup_policy = policy;
            return {};
          },
          .show =
              [](const TopicConfig& config) {
                const CleanupPolicy policy = config.cleanup_policy;
                return std::string(!policy.compacts ? "delete" : policy.deletes ? "compact,delete" : "compact");
              }};
}

Values<TopicConfig> compression_values() {
  return {.type = ConfigType::string,
          .words = compression_words,
          .set = [](TopicConfig& config, std::string_view value) -> Outcome {
            if (value == "producer") {
              config.compression.reset();
              return {};
            }
            const auto codec = value == "uncompressed" ? Codec::none : protocol::codec_named(value);
            // What producers call "none" is called "uncompressed" here.
            if (!codec || value == "none") return none_of(value, compression_words);
            config.compression = codec;
            return {};
          },
          .show =
              [](const TopicConfig& config) {
                if (!config.compression) return std::string("producer");
                return std::string(*config.compression == Codec::none ? "uncompressed" : protocol::name(*config.compression));
              }};
}

// Digits with a point among them: nothing else is taken, so that no locale and no exponent has a say.
Values<TopicConfig> dirty_ratio_values() {
  return {.type = ConfigType::float64,
          .words = ratio_words,
          .set = [](TopicConfig& config, std::string_view value) -> Outcome {
            double number = 0;
            const char* const end = value.data() + value.size();
            const auto [stop, error] = std::from_chars(value.data(), end, number, std::chars_format::fixed);
            if (value.empty() || error != std::errc() || stop != end || !(number >= 0 && number <= 1)) {
              return none_of(value, ratio_words);
            }
            config.min_cleanable_dirty_ratio = number;
            return {};
          },
          .show = [](const TopicConfig& config) { return fmt::format("{}", config.min_cleanable_dirty_ratio); }};
}

// Kafka refuses 0, which is gzip without compression.
Values<TopicConfig> gzip_level_values() {
  return {.type = ConfigType::int32,
          .words = gzip_words,
          .set = [](TopicConfig& config, std::string_view value) -> Outcome {
            const auto level = parse_integer(value, -1, 9);
            if (!level || *level == 0) return none_of(value, gzip_words);
            config.gzip_level = static_cast<std::int32_t>(*level);
            return {};
          },
          .show = [](const TopicConfig& config) { return std::to_string(config.gzip_level); }};
}

Values<TopicConfig> timestamp_type_values() {
  return {.type = ConfigType::string,
          .words = timestamp_words,
          .set = [](TopicConfig& config, std::string_view value) -> Outcome {
            if (value != "CreateTime" && value != "LogAppendTime") return none_of(value, timestamp_words);
            config.timestamp_type = value == "CreateTime" ? TimestampType::create_time : TimestampType::log_append_time;
            return {};
          },
          .show =
              [](const TopicConfig& config) {
                return std::string(config.timestamp_type == TimestampType::create_time ? "CreateTime" : "LogAppendTime");
              }};
}

}  // namespace acklab::broker
