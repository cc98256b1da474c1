#include "producer/setting_values.h"

#include <fmt/format.h>

#include <charconv>

#include "protocol/records/compression.h"

namespace acklab::producer {

using protocol::Acks;

std::string Values::range() const {
  if (!words.empty()) return std::string(words);
  return fmt::format("a whole number{}{} from {} to {}", unit.empty() ? "" : " of ", unit, low, high);
}

std::optional<std::int64_t> number_between(std::string_view text, std::int64_t low, std::int64_t high) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size() || number < low || number > high) return std::nullopt;
  return number;
}

Values acks_values() {
  return {.unit = {},
          .words = "0, 1 or all (-1 means all)",
          .set =
              [](ProducerConfig& config, std::string_view value) {
                if (value == "0") {
                  config.acks = Acks::none;
                } else if (value == "1") {
                  config.acks = Acks::leader;
                } else if (value == "all" || value == "-1") {
                  config.acks = Acks::all;
                } else {
                  return false;
                }
                return true;
              },
          .show =
              [](const ProducerConfig& config) {
                return config.acks == Acks::all ? std::string("all") : std::to_string(static_cast<int>(config.acks));
              }};
}

Values client_id_values() {
  return {.unit = {},
          .words = "a text of at most 32767 bytes",
          .set =
              [](ProducerConfig& config, std::string_view value) {
                if (value.size() > max_client_id) return false;
                config.client_id = value;
                return true;
              },
          .show = [](const ProducerConfig& config) { return config.client_id; }};
}

Values codec_values() {
  return {.unit = {},
          .words = "none, gzip, snappy, lz4 or zstd",
          .set =
              [](ProducerConfig& config, std::string_view value) {
                const std::optional<protocol::Codec> codec = protocol::codec_named(value);
                if (!codec) return false;
                config.compression = *codec;
                return true;
              },
          .show = [](const ProducerConfig& config) { return std::string(protocol::name(config.compression)); }};
}

// Kafka refuses 0, which is gzip without compression.
Values gzip_level_values() {
  return {.unit = {},
          .words = "a whole number from 1 to 9, or -1 for zlib's default, which is 6",
          .set =
              [](ProducerConfig& config, std::string_view value) {
                const auto level = number_between(value, -1, 9);
                if (!level || *level == 0) return false;
                config.gzip_level = static_cast<int>(*level);
                return true;
              },
          .show = [](const ProducerConfig& config) { return std::to_string(config.gzip_level); }};
}

Values partitioner_values() {
  return {.unit = {},
          .words =
              "built-in, uniform_sticky, round_robin, random, consistent, consistent_random, murmur2, murmur2_random, fnv1a "
              "or fnv1a_random, or the name of Kafka's DefaultPartitioner, UniformStickyPartitioner or RoundRobinPartitioner",
          .set =
              [](ProducerConfig& config, std::string_view value) {
                const std::optional<PartitionerClass> found = partitioner_named(value);
                if (!found) return false;
                config.partitioner = *found;
                return true;
              },
          .show = [](const ProducerConfig& config) { return std::string(name(config.partitioner)); }};
}

Values unsafe_variant_values() {
  return {.unit = {},
          .words =
              "none, no-sequence-numbers, renumber-on-retry, more-than-5-in-flight, treats-unknown-as-failed, reorders-on-retry, "
              "bumps-every-partition or keeps-sequence-on-bump",
          .set =
              [](ProducerConfig& config, std::string_view value) {
                const std::optional<UnsafeVariant> found = unsafe_variant_named(value);
                if (!found) return false;
                config.unsafe_variant = *found;
                return true;
              },
          .show = [](const ProducerConfig& config) { return std::string(name(config.unsafe_variant)); }};
}

}  // namespace acklab::producer
