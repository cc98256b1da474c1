// acklab config: what a producer setting means, what it may be, and what it is called elsewhere. All from the table that the producer reads
// its settings by.

#include <cstdio>
#include <memory>

#include <fmt/format.h>
#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "producer/presets.h"
#include "producer/refused_settings.h"
#include "producer/setting.h"
#include "tools/commands/command.h"

namespace acklab {
namespace {

using Json = nlohmann::ordered_json;
using producer::OtherName;
using producer::Preset;
using producer::ProducerConfig;
using producer::Setting;

constexpr std::size_t line_width = 100;

std::string default_of(const Setting& setting, const protocol::Era& era = protocol::newest_era()) {
  return setting.values.show(ProducerConfig::defaults(era));
}

// The defaults of older versions, newest first, and from which version on they did not hold any more.
struct FormerDefault {
  std::string value;
  std::string_view before;
};
std::vector<FormerDefault> former_defaults(const Setting& setting) {
  std::vector<FormerDefault> former;
  std::string later = default_of(setting);
  const auto eras = protocol::eras();
  for (std::size_t i = eras.size(); i-- > 0;) {
    const std::string value = default_of(setting, eras[i]);
    if (value != later) former.push_back({value, eras[i + 1].from});
    later = value;
  }
  return former;
}

std::string default_line(const Setting& setting) {
  std::string line = default_of(setting);
  for (const auto& [value, before] : former_defaults(setting)) line += fmt::format("; {} before Kafka {}", value, before);
  return line;
}

// The names that there are, joined.
template <class Names>
std::string joined(const Names& names, std::string (*show)(const OtherName&), std::string_view between) {
  std::string line;
  for (const OtherName& other : names) {
    if (!other.name.empty()) line += std::string(line.empty() ? "" : between) + show(other);
  }
  return line;
}
std::string name_only(const OtherName& other) { return std::string(other.name); }
std::string name_and_default(const OtherName& other) { return fmt::format("{} (default {})", other.name, other.default_value); }

// Words of a text in lines of at most line_width, each behind `indent`.
std::string wrapped(std::string_view text, std::string_view indent) {
  std::string lines;
  std::string line(indent);
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    if (line.size() + 1 + end > line_width && line.size() > indent.size()) {
      lines += line + "\n";
      line = indent;
    }
    line += (line.size() > indent.size() ? " " : "") + std::string(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines + line + "\n";
}

void print_table(const std::vector<std::string>& titles, const std::vector<std::vector<std::string>>& rows) {
  std::vector<std::size_t> widths(titles.size());
  const auto measure = [&](const std::vector<std::string>& row) {
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  };
  const auto print = [&](const std::vector<std::string>& row) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i) line += fmt::format("{:<{}}", row[i], widths[i] + 2);
    std::printf("%s\n", line.substr(0, line.find_last_not_of(' ') + 1).c_str());
  };
  measure(titles);
  for (const auto& row : rows) measure(row);
  print(titles);
  for (const auto& row : rows) print(row);
}

Json to_json(const Setting& setting) {
  const auto names = [](const auto& all) {
    Json list = Json::array();
    for (const OtherName& other : all) {
      if (!other.name.empty()) list.push_back({{"name", other.name}, {"default", other.default_value}});
    }
    return list;
  };
  Json former = Json::array();
  for (const auto& [value, before] : former_defaults(setting)) former.push_back({{"value", value}, {"before", before}});
  return {{"key", setting.key},
          {"meaning", setting.meaning},
          {"unit", setting.values.unit},
          {"values", setting.values.range()},
          {"default", default_of(setting)},
          {"former_defaults", former},
          {"librdkafka", names(setting.librdkafka)},
          {"sarama", names(setting.sarama)}};
}

Json to_json(const Preset& preset) {
  Json choices = Json::array();
  for (const auto& [key, value, why] : preset.choices) choices.push_back({{"key", key}, {"value", value}, {"why", why}});
  return {{"preset", preset.name}, {"goal", preset.goal}, {"settings", choices}};
}

void print(const Setting& setting) {
  std::printf("%s\n%s", std::string(setting.key).c_str(), wrapped(setting.meaning, "  ").c_str());
  const auto row = [](std::string_view title, const std::string& text) {
    const std::string line = wrapped(text, "              ");
    std::printf("  %-12s%s", std::string(title).c_str(), line.substr(14).c_str());
  };
  if (!setting.values.unit.empty()) row("unit", std::string(setting.values.unit));
  row("values", setting.values.range());
  row("default", default_line(setting));
  const std::string librdkafka = joined(setting.librdkafka, name_and_default, ", ");
  const std::string sarama = joined(setting.sarama, name_and_default, ", ");
  row("librdkafka", librdkafka.empty() ? "has none" : librdkafka);
  row("sarama", sarama.empty() ? "has none" : sarama);
}

void print(const Preset& preset) {
  std::printf("preset=%s: %s\n\n", std::string(preset.name).c_str(), std::string(preset.goal).c_str());
  for (const auto& [key, value, why] : preset.choices) {
    std::printf("%s=%s\n%s", std::string(key).c_str(), std::string(value).c_str(), wrapped(why, "    ").c_str());
  }
}

struct ConfigCommand {
  std::string name;
  std::string preset;
  JsonOutput json;

  void show_one() {
    const auto named = producer::settings_named(name);
    if (named.empty()) {
      if (const producer::Refused* refused = producer::refused_setting(name)) {
        throw BadInput(fmt::format("{} is not served: {}", name, refused->why));
      }
      throw BadInput(fmt::format("\"{}\" is no producer setting; did you mean \"{}\"? (acklab config lists all)", name,
                                 producer::nearest_setting(name)));
    }
    if (json.wanted()) {
      Json all = Json::array();
      for (const auto& one : named) all.push_back(to_json(*one.setting));
      return json.write(named.size() == 1 ? all.front().dump() : all.dump());
    }
    for (const auto& one : named) print(*one.setting);
  }

  void show_preset() {
    const Preset* found = producer::preset_named(preset);
    if (!found) throw BadInput(fmt::format("--preset {}: there are throughput, latency and memory", preset));
    json.wanted() ? json.write(to_json(*found).dump()) : print(*found);
  }

  void show_all() {
    if (json.wanted()) {
      Json all = Json::array();
      for (const Setting& setting : producer::producer_settings()) all.push_back(to_json(setting));
      return json.write(all.dump());
    }
    std::vector<std::vector<std::string>> rows;
    for (const Setting& setting : producer::producer_settings()) {
      rows.push_back({std::string(setting.key), default_of(setting), joined(setting.librdkafka, name_only, ", "),
                      joined(setting.sarama, name_only, ", ")});
    }
    print_table({"KAFKA", "DEFAULT", "LIBRDKAFKA", "SARAMA"}, rows);
  }

  void run() {
    json.begin();
    if (!preset.empty()) {
      show_preset();
    } else if (!name.empty()) {
      show_one();
    } else {
      show_all();
    }
  }
};

}  // namespace

void add_config(CLI::App& program) {
  auto config = std::make_shared<ConfigCommand>();
  CLI::App* command = program.add_subcommand(
      "config", "a producer setting: meaning, values, default, and its name in Kafka, librdkafka and sarama");
  CLI::Option* name = command->add_option("key", config->name, "by any of its three names; default: a table of all");
  command->add_option("--preset", config->preset, "what a preset sets, and why: throughput, latency or memory")->excludes(name);
  config->json.add_to(*command);
  command->callback([config] { config->run(); });
}

}  // namespace acklab
