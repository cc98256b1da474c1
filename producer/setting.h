// The settings of the producer, as one table: what each means, what it may be, and what it is called in Kafka, librdkafka and sarama.
// Whatever reads, checks, lists or explains a setting does it from here. Defaults are ProducerConfig's own.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "producer/config.h"

namespace acklab::producer {

// What a setting may be, and where it lies in the configuration.
struct Values {
  std::string_view unit;                   // "milliseconds", "bytes"; empty for a number of things, or for words
  std::string_view words;                  // "0, 1 or all"; empty for numbers
  std::int64_t low = 0, high = INT64_MAX;  // of numbers
  bool (*set)(ProducerConfig& config, std::string_view value);  // false: it is none of them
  std::string (*show)(const ProducerConfig& config);

  std::string range() const;  // for people: "a whole number of milliseconds from 0 to 2147483647"
};

// From another client's way of writing a value to Kafka's. The error says what there may be instead: "a Go duration".
using Translation = Result<std::string, std::string> (*)(std::string_view value);

struct OtherName {
  std::string_view name;            // empty: none
  std::string_view default_value;   // what that client takes if it is not set, as that client writes it
  Translation translate = nullptr;  // null: written as in Kafka
};

struct Setting {
  std::string_view key;  // Kafka's; a key of ours where Kafka has none
  std::string_view meaning;
  Values values;
  std::array<OtherName, 2> librdkafka{};
  std::array<OtherName, 3> sarama{};
};

// In the order of their keys.
std::span<const Setting> producer_settings();

// A setting by any of its names. More than one for the level of compression, which others have one name for, whatever the codec.
struct Named {
  const Setting* setting;
  Translation translate;
};
std::vector<Named> settings_named(std::string_view name);

// The name that is nearest to a mistyped one, among all that a setting may be given by.
std::string_view nearest_setting(std::string_view name);

}  // namespace acklab::producer
