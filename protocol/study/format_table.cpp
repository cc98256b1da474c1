#include "protocol/study/format_table.h"

#include <algorithm>
#include <map>
#include <span>

#include <fmt/format.h>

#include "protocol/study/kind_name.h"

namespace acklab::protocol {
namespace {

std::string type_of(const Field& field, bool flexible, bool nullable) {
  const bool has_length = field.kind == Kind::string || field.kind == Kind::bytes || field.kind == Kind::array;
  std::string type = flexible && has_length ? "compact " : "";
  type += name(field.kind);
  if (field.kind == Kind::array) type += fmt::format(" of {}", name(field.element));
  if (nullable) type = "nullable " + type;
  return type;
}

void rows(std::span<const Field> fields, const MessageInfo& info, std::int16_t version, std::size_t depth,
          std::vector<FormatRow>& into) {
  for (const bool tagged : {false, true}) {
    for (const Field& field : fields) {
      if (!field.spec.present(version) || field.spec.tagged() != tagged) continue;
      FormatRow& row = into.emplace_back();
      row.depth = depth;
      row.name = std::string(field.name);
      row.type = type_of(field, info.flexible(version), field.spec.may_be_null(version));
      row.versions = versions_text(field.spec.first, field.spec.last, info);
      row.nullable = versions_text(field.spec.nullable_since, Spec::never, info);
      if (tagged) row.tag = std::to_string(field.spec.tag_id);
      rows(field.children, info, version, depth + 1, into);
    }
  }
}

// Types by path, in the order of the wire.
std::vector<std::pair<std::string, std::string>> by_path(const Schema& schema, std::int16_t version) {
  std::vector<std::pair<std::string, std::string>> paths;
  std::vector<std::string> above;
  for (const FormatRow& row : format_of(schema, version)) {
    above.resize(row.depth);
    std::string path;
    for (const std::string& name : above) path += name + ".";
    paths.emplace_back(path + row.name, row.tag.empty() ? row.type : row.type + ", tag " + row.tag);
    above.push_back(row.name);
  }
  return paths;
}

// Whether lengths are compact is said once, not for each field.
std::string without_compact(std::string type) {
  constexpr std::string_view word = "compact ";
  if (const std::size_t at = type.find(word); at != std::string::npos) type.erase(at, word.size());
  return type;
}

}  // namespace

std::string versions_text(std::int16_t first, std::int16_t last, const MessageInfo& info) {
  if (first == Spec::never) return "";
  if (last >= info.last_version) return fmt::format("{}+", std::max(first, info.first_version));
  return first == last ? fmt::format("{}", first) : fmt::format("{} to {}", first, last);
}

std::vector<FormatRow> format_of(const Schema& schema, std::int16_t version) {
  std::vector<FormatRow> table;
  rows(schema.fields, schema.info, version, 0, table);
  return table;
}

std::vector<FormatChange> format_changes(const Schema& schema, std::int16_t from, std::int16_t to) {
  std::vector<FormatChange> changes;
  const auto encoding = [&](std::int16_t version) {
    return std::string(schema.info.flexible(version) ? "compact lengths and tagged fields" : "lengths of fixed size");
  };
  if (schema.info.flexible(from) != schema.info.flexible(to)) {
    changes.push_back({FormatChange::Kind::changed, "(all fields)", encoding(from), encoding(to)});
  }
  const auto before = by_path(schema, from);
  const auto after = by_path(schema, to);
  const std::map<std::string, std::string> old(before.begin(), before.end());
  const std::map<std::string, std::string> now(after.begin(), after.end());
  for (const auto& [path, type] : after) {
    const auto known = old.find(path);
    if (known == old.end()) {
      changes.push_back({FormatChange::Kind::added, path, "", type});
    } else if (without_compact(known->second) != without_compact(type)) {
      changes.push_back({FormatChange::Kind::changed, path, known->second, type});
    }
  }
  for (const auto& [path, type] : before) {
    if (!now.contains(path)) changes.push_back({FormatChange::Kind::removed, path, type, ""});
  }
  return changes;
}

}  // namespace acklab::protocol
