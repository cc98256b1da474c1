#include "producer/given_settings.h"

#include <fmt/format.h>

#include <optional>
#include <string_view>
#include <vector>

#include "producer/presets.h"
#include "producer/refused_settings.h"
#include "producer/setting.h"

namespace acklab::producer {
namespace {

using protocol::failure;
using Done = Result<void, std::string>;

// The lesson prints its settings as fields of a variable.
std::string_view without_variable(std::string_view name) {
  constexpr std::string_view variable = "config.";
  return name.starts_with(variable) ? name.substr(variable.size()) : name;
}

std::string wrong_value(std::string_view name, std::string_view value, std::string_view takes) {
  return fmt::format("{} = \"{}\": it takes {}", name, value, takes);
}

// Takes one setting, whose value is in Kafka's words already; `said` as it was given.
Done take(GivenSettings& given, const Setting& setting, const std::string& value, std::string_view name, std::string_view said) {
  ProducerConfig scratch;
  if (!setting.values.set(scratch, value)) return failure(wrong_value(name, said, setting.values.range()));
  const std::string shown = setting.values.show(scratch);
  const auto [at, is_new] = given.try_emplace(std::string(setting.key), GivenSetting{shown, std::string(name)});
  if (is_new || at->second.value == shown) return {};
  return failure(fmt::format("{} = \"{}\" and {} = \"{}\" are one setting here, {}: give it once", at->second.said_as,
                             at->second.value, name, said, setting.key));
}

// One name for the levels of all codecs: of the one that is used.
Done take_level(GivenSettings& given, const std::vector<Named>& levels, std::string_view name, const std::string& value) {
  if (value == "-1" || value == "-1000") return {};  // "the codec's own default", in librdkafka and sarama
  const auto codec = given.find("compression.type");
  const std::string key = fmt::format("compression.{}.level", codec == given.end() ? "none" : codec->second.value);
  for (const Named& level : levels) {
    if (level.setting->key == key) return take(given, *level.setting, value, name, value);
  }
  return failure(fmt::format("{} = \"{}\": it needs compression.type gzip, lz4 or zstd; the others have no levels", name, value));
}

Done take_preset(GivenSettings& given, const std::string& name) {
  const Preset* preset = preset_named(name);
  if (!preset) return failure(wrong_value(preset_key, name, "throughput, latency or memory"));
  for (const Preset::Choice& choice : preset->choices) {
    given.try_emplace(std::string(choice.key), GivenSetting{std::string(choice.value), fmt::format("{}={}", preset_key, name)});
  }
  return {};
}

Done take_named(GivenSettings& given, std::string_view name, const std::string& value, const Named& named) {
  if (!named.translate) return take(given, *named.setting, value, name, value);
  const auto translated = named.translate(value);
  if (!translated) return failure(wrong_value(name, value, translated.error()));
  return take(given, *named.setting, *translated, name, value);
}

}  // namespace

Result<GivenSettings, std::string> in_kafkas_words(const Settings& settings) {
  GivenSettings given;
  std::vector<std::pair<std::string_view, const std::string*>> levels;  // which setting they are, the codec will tell
  for (const auto& [said_as, value] : settings) {
    const std::string_view name = without_variable(said_as);
    if (name == preset_key) continue;
    if (const Refused* refused = refused_setting(name)) {
      if (asks_for_nothing(*refused, value)) continue;
      return failure(fmt::format("{} = \"{}\" is not served: {}", name, value, refused->why));
    }
    const std::vector<Named> named = settings_named(name);
    if (named.empty()) {
      return failure(fmt::format("\"{}\" is no producer setting; did you mean \"{}\"?", name, nearest_setting(name)));
    }
    if (named.size() > 1) {
      levels.emplace_back(name, &value);
    } else if (const Done taken = take_named(given, name, value, named.front()); !taken) {
      return failure(taken.error());
    }
  }
  for (const auto& [name, value] : levels) {
    if (const Done taken = take_level(given, settings_named(name), name, *value); !taken) return failure(taken.error());
  }
  if (const auto preset = settings.find(std::string(preset_key)); preset != settings.end()) {
    if (const Done taken = take_preset(given, preset->second); !taken) return failure(taken.error());
  }
  return given;
}

Result<Settings, std::string> canonical_settings(const Settings& settings) {
  const auto given = in_kafkas_words(settings);
  if (!given) return failure(given.error());
  Settings canonical;
  for (const auto& [key, setting] : *given) canonical.emplace(key, setting.value);
  return canonical;
}

}  // namespace acklab::producer
