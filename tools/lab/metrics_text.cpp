#include "tools/lab/metrics_text.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <string_view>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace acklab::lab {

using producer::Metric;

namespace {

std::string number(double value) {
  return value == std::floor(value) ? fmt::format("{:.0f}", value) : fmt::format("{:.3f}", value);
}

// "producer-topic-metrics {client-id=perf, topic=orders}"
std::string heading(const Metric& metric) {
  std::string tags;
  for (const auto& [key, value] : metric.tags) tags += fmt::format("{}{}={}", tags.empty() ? "" : ", ", key, value);
  return fmt::format("{} {{{}}}", metric.group, tags);
}

std::string underscored(std::string_view words) {
  std::string name(words);
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
}

std::string family_of(const Metric& metric) {
  std::string_view group = metric.group;
  if (group.starts_with("acklab-")) group.remove_prefix(7);
  group.remove_suffix(std::string_view("-metrics").size());
  return "acklab_" + underscored(group) + "_" + underscored(metric.name);
}

std::string escaped(std::string_view value) {
  std::string text;
  for (const char c : value) {
    if (c == '\\' || c == '"') text += '\\';
    c == '\n' ? text += "\\n" : text += c;
  }
  return text;
}

}  // namespace

std::string metrics_table(const std::vector<Metric>& metrics) {
  std::size_t widest = 0;
  for (const Metric& metric : metrics) widest = std::max(widest, metric.name.size());
  std::string table;
  std::string last;
  for (const Metric& metric : metrics) {
    const std::string group = heading(metric);
    if (group != last) table += (last.empty() ? "" : "\n") + group + "\n";
    last = group;
    table += fmt::format("  {:<{}} {:>16} {:<12} {}\n", metric.name, widest, number(metric.value), metric.unit, metric.meaning);
  }
  return table;
}

std::string metrics_json(const std::vector<Metric>& metrics) {
  auto list = nlohmann::ordered_json::array();
  for (const Metric& metric : metrics) {
    nlohmann::ordered_json tags;
    for (const auto& [key, value] : metric.tags) tags[std::string(key)] = value;
    list.push_back(
        {{"group", metric.group}, {"name", metric.name}, {"tags", tags}, {"value", metric.value}, {"unit", metric.unit}});
  }
  return list.dump();
}

std::string metrics_prometheus(const std::vector<Metric>& metrics) {
  std::map<std::string, std::vector<const Metric*>> families;
  for (const Metric& metric : metrics) families[family_of(metric)].push_back(&metric);
  std::string text;
  for (const auto& [family, members] : families) {
    const Metric& any = *members.front();
    const std::string unit = any.unit.empty() ? "" : ", in " + any.unit;
    text += fmt::format("# HELP {} {}{}\n", family, any.meaning, unit);
    text += fmt::format("# TYPE {} {}\n", family, any.name.ends_with("-total") ? "counter" : "gauge");
    for (const Metric* metric : members) {
      std::string labels;
      for (const auto& [key, value] : metric->tags) {
        labels += fmt::format("{}{}=\"{}\"", labels.empty() ? "" : ",", underscored(key), escaped(value));
      }
      text += fmt::format("{}{{{}}} {}\n", family, labels, metric->value);
    }
  }
  return text;
}

}  // namespace acklab::lab
