#include "tools/commands/dissect_formats.h"

#include <algorithm>
#include <cctype>
#include <cstdio>
#include <string_view>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "protocol/nearest.h"
#include "protocol/study/format_table.h"
#include "tools/lab/table.h"

namespace acklab {
namespace {

using Json = nlohmann::ordered_json;
using protocol::Api;
using protocol::FormatChange;
using protocol::Schema;

Json format_json(const Schema& schema, std::int16_t version) {
  Json fields = Json::array();
  for (const auto& row : protocol::format_of(schema, version)) {
    fields.push_back({{"depth", row.depth},
                      {"name", row.name},
                      {"type", row.type},
                      {"versions", row.versions},
                      {"nullable", row.nullable},
                      {"tag", row.tag}});
  }
  return {{"message", schema.name}, {"version", version}, {"fields", std::move(fields)}};
}

void print_format(const Schema& schema, std::int16_t version) {
  std::printf("%s, version %d of %d to %d, %s\n", std::string(schema.name).c_str(), version, schema.info.first_version,
              schema.info.last_version, schema.info.flexible(version) ? "flexible" : "not flexible");
  lab::Table table({"field", "type", "in versions", "null in", "tag"});
  for (const auto& row : protocol::format_of(schema, version)) {
    table.row({std::string(2 * row.depth, ' ') + row.name, row.type, row.versions, row.nullable, row.tag});
  }
  std::fputs(table.text("  ").c_str(), stdout);
}

const char* word(FormatChange::Kind kind) {
  using Kind = FormatChange::Kind;
  return kind == Kind::added ? "added" : kind == Kind::removed ? "removed" : "changed";
}

Json changes_json(const Schema& schema, std::int16_t from, std::int16_t to) {
  Json list = Json::array();
  for (const auto& change : protocol::format_changes(schema, from, to)) {
    list.push_back({{"change", word(change.kind)}, {"path", change.path}, {"before", change.before}, {"after", change.after}});
  }
  return {{"message", schema.name}, {"from", from}, {"to", to}, {"changes", std::move(list)}};
}

void print_changes_of(const Schema& schema, std::int16_t from, std::int16_t to) {
  const auto changes = protocol::format_changes(schema, from, to);
  std::printf("%s, from version %d to %d:%s\n", std::string(schema.name).c_str(), from, to,
              changes.empty() ? " the same bytes" : "");
  for (const auto& change : changes) {
    const std::string type =
        change.kind == FormatChange::Kind::changed ? change.before + " -> " + change.after : change.before + change.after;
    std::printf("  %-8s %s: %s\n", word(change.kind), change.path.c_str(), type.c_str());
  }
}

void write(const Api& api, const Json& request, const Json& response, JsonOutput& json) {
  json.write(Json{{"api", api.name}, {"key", api.key}, {"request", request}, {"response", response}}.dump());
}

}  // namespace

const Api& api_named(const std::string& wanted) {
  const auto same = [&](std::string_view name) {
    return std::equal(name.begin(), name.end(), wanted.begin(), wanted.end(),
                      [](unsigned char a, unsigned char b) { return std::tolower(a) == std::tolower(b); });
  };
  std::vector<std::string_view> names;
  for (const Api& one : protocol::apis()) {
    if (same(one.name) || wanted == std::to_string(one.key)) return one;
    names.push_back(one.name);
  }
  throw BadInput(fmt::format("--api {}: no such API; did you mean {}?", wanted, protocol::nearest(wanted, names)));
}

std::int16_t version_of(const Schema& schema, std::optional<int> wanted) {
  const auto& info = schema.info;
  const int version = wanted.value_or(info.last_version);
  if (version < info.first_version || version > info.last_version) {
    throw BadInput(
        fmt::format("{} has versions {} to {} here, not {}", schema.name, info.first_version, info.last_version, version));
  }
  return static_cast<std::int16_t>(version);
}

void print_formats(const Api& api, std::optional<int> version, JsonOutput& json) {
  const std::int16_t request = version_of(api.request, version);
  const std::int16_t response = version_of(api.response, version);
  if (json.wanted()) write(api, format_json(api.request, request), format_json(api.response, response), json);
  if (json.to_stdout()) return;
  print_format(api.request, request);
  print_format(api.response, response);
}

void print_changes(const Api& api, const std::string& versions, JsonOutput& json) {
  int older = 0;
  int newer = 0;
  char rest = 0;
  if (std::sscanf(versions.c_str(), "%d,%d%c", &older, &newer, &rest) != 2) {
    throw BadInput("--diff " + versions + ": write two versions, as in --diff 8,9");
  }
  const std::int16_t from = version_of(api.request, older);
  const std::int16_t to = version_of(api.request, newer);
  if (json.wanted()) write(api, changes_json(api.request, from, to), changes_json(api.response, from, to), json);
  if (json.to_stdout()) return;
  print_changes_of(api.request, from, to);
  print_changes_of(api.response, from, to);
}

}  // namespace acklab
