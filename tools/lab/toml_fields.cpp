#include "tools/lab/toml_fields.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>

#include <fmt/format.h>

#include "protocol/nearest.h"

namespace acklab::lab {

using protocol::Duration;

namespace {

constexpr Duration longest_duration = std::chrono::hours(24);

// Whatever is wrong with the type of a value, the way to mend it shows how the right one looks.
[[noreturn]] void wrong_type(const TomlValue& value, std::string_view key, std::string_view wanted, std::string_view example) {
  mistake(value.where, fmt::format("{} must be {}, but is {}; write it as in {} = {}", key, wanted, kind(value), key, example));
}

[[noreturn]] void no_time(const TomlValue& value, std::string_view key) {
  mistake(value.where, fmt::format("{} = \"{}\" is no time up to a day; write a number and us, ms, s, m or h, as in \"300ms\"",
                                   key, *value.text()));
}

std::optional<Duration> parse_duration(std::string_view text) {
  struct Unit {
    std::string_view name;
    double nanoseconds;
  };
  constexpr Unit units[] = {{"us", 1e3}, {"ms", 1e6}, {"s", 1e9}, {"m", 60e9}, {"h", 3600e9}};
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, std::chars_format::fixed);
  if (error != std::errc{} || number < 0) return std::nullopt;
  const std::string_view unit = text.substr(static_cast<std::size_t>(end - text.data()));
  for (const Unit& known : units) {
    if (known.name != unit) continue;
    const double nanoseconds = number * known.nanoseconds;
    if (nanoseconds > static_cast<double>(longest_duration.count())) return std::nullopt;
    return Duration(std::llround(nanoseconds));
  }
  return std::nullopt;
}

}  // namespace

void mistake(std::string_view where, std::string_view what_and_how_to_mend) {
  std::string line = fmt::format("{}: {}", where, what_and_how_to_mend);
  // What a file says is quoted, and TOML's text may hold anything; the user gets one line all the same.
  std::replace_if(
      line.begin(), line.end(), [](char c) { return static_cast<unsigned char>(c) < ' '; }, ' ');
  throw ScenarioMistake(line);
}

const std::string& as_text(const TomlValue& value, std::string_view key) {
  if (!value.text()) wrong_type(value, key, "text", "\"...\", in quotation marks");
  return *value.text();
}

std::int64_t as_integer(const TomlValue& value, std::string_view key, IntegerRange range) {
  const auto* number = std::get_if<std::int64_t>(&value.data);
  if (!number) wrong_type(value, key, "a whole number", fmt::to_string(std::clamp<std::int64_t>(3, range.low, range.high)));
  if (*number < range.low || *number > range.high) {
    mistake(value.where, fmt::format("{} = {} is out of range; choose from {} to {}", key, *number, range.low, range.high));
  }
  return *number;
}

bool as_truth(const TomlValue& value, std::string_view key) {
  const auto* truth = std::get_if<bool>(&value.data);
  if (!truth) wrong_type(value, key, "true or false", "true");
  return *truth;
}

Duration as_duration(const TomlValue& value, std::string_view key) {
  const Duration duration = as_leap(value, key);
  if (value.text()->starts_with('-')) no_time(value, key);
  return duration;
}

Duration as_leap(const TomlValue& value, std::string_view key) {
  if (!value.text()) wrong_type(value, key, "a time with its unit", "\"5s\"");
  const bool back = value.text()->starts_with('-');
  const auto duration = parse_duration(std::string_view(*value.text()).substr(back ? 1 : 0));
  if (!duration) no_time(value, key);
  return back ? -*duration : *duration;
}

const TomlValue::List& as_list(const TomlValue& value, std::string_view key) {
  if (!value.list()) wrong_type(value, key, "a list", "[...]");
  return *value.list();
}

std::string did_you_mean(std::string_view word, std::span<const std::string_view> words) {
  return fmt::format("did you mean \"{}\"?", protocol::nearest(word, words));
}

TomlFields::TomlFields(const TomlValue& table, std::string title, std::span<const std::string_view> keys)
    : table_(table), title_(std::move(title)) {
  if (!table.table()) {
    mistake(table.where, fmt::format("{} must be a table, but is {}; write its keys below it or in {{}}", title_, kind(table)));
  }
  for (const TomlField& field : *table.table()) {
    if (std::find(keys.begin(), keys.end(), field.key) != keys.end()) continue;
    mistake(field.where, fmt::format("unknown key \"{}\" in {}; {}", field.key, title_, did_you_mean(field.key, keys)));
  }
}

const TomlValue& TomlFields::require(std::string_view key, std::string_view example) const {
  const TomlValue* value = find(key);
  if (!value) mistake(where(), fmt::format("{} has no {}; write it as in {} = {}", title_, key, key, example));
  return *value;
}

std::string TomlFields::text(std::string_view key, std::string_view absent) const {
  const TomlValue* value = find(key);
  return value ? as_text(*value, key) : std::string(absent);
}

std::int64_t TomlFields::integer(std::string_view key, IntegerRange range, std::int64_t absent) const {
  const TomlValue* value = find(key);
  return value ? as_integer(*value, key, range) : absent;
}

bool TomlFields::truth(std::string_view key, bool absent) const {
  const TomlValue* value = find(key);
  return value ? as_truth(*value, key) : absent;
}

Duration TomlFields::duration(std::string_view key, Duration absent) const {
  const TomlValue* value = find(key);
  return value ? as_duration(*value, key) : absent;
}

const TomlValue::List& TomlFields::list(std::string_view key) const {
  static const TomlValue::List none;
  const TomlValue* value = find(key);
  return value ? as_list(*value, key) : none;
}

}  // namespace acklab::lab
