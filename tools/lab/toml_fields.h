// Reads one table of a scenario file: each key with its type and its limits, and no key that is not known. A mistake is thrown, because
// reading stops there anyway; whoever began the reading turns it into a value again.
#pragma once

#include <cstdint>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>

#include "protocol/runtime/time.h"
#include "tools/lab/toml_value.h"

namespace acklab::lab {

// "FILE:LINE:COLUMN: what; how to mend".
struct ScenarioMistake : std::runtime_error {
  using std::runtime_error::runtime_error;
};
[[noreturn]] void mistake(std::string_view where, std::string_view what_and_how_to_mend);

struct IntegerRange {
  std::int64_t low;
  std::int64_t high;
};

// `key` is for the message.
const std::string& as_text(const TomlValue& value, std::string_view key);
std::int64_t as_integer(const TomlValue& value, std::string_view key, IntegerRange range);
bool as_truth(const TomlValue& value, std::string_view key);
// "300ms", "5s", "1m", "1.5s": never negative, at most a day.
protocol::Duration as_duration(const TomlValue& value, std::string_view key);
// The same, or back: "-1h".
protocol::Duration as_leap(const TomlValue& value, std::string_view key);
const TomlValue::List& as_list(const TomlValue& value, std::string_view key);

// "did you mean \"...\"?": the nearest of the words that would have been right.
std::string did_you_mean(std::string_view word, std::span<const std::string_view> words);

class TomlFields {
 public:
  // Any other key than `keys` is a mistake. `title` names the table in messages: "[cluster]". `table` outlives this.
  TomlFields(const TomlValue& table, std::string title, std::span<const std::string_view> keys);

  const std::string& where() const { return table_.where; }
  const std::string& title() const { return title_; }

  const TomlValue* find(std::string_view key) const { return table_.find(key); }
  // `example` completes "write it as in KEY = ...".
  const TomlValue& require(std::string_view key, std::string_view example) const;

  // With a value for an absent key.
  std::string text(std::string_view key, std::string_view absent) const;
  std::int64_t integer(std::string_view key, IntegerRange range, std::int64_t absent) const;
  bool truth(std::string_view key, bool absent) const;
  protocol::Duration duration(std::string_view key, protocol::Duration absent) const;
  // Empty for an absent key.
  const TomlValue::List& list(std::string_view key) const;

 private:
  const TomlValue& table_;
  std::string title_;
};

}  // namespace acklab::lab
