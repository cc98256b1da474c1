#include "tools/lab/toml_value.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>

#include <fmt/format.h>
#include <toml++/toml.h>

namespace acklab::lab {

using protocol::failure;
using protocol::Result;

namespace {

std::string place(std::string_view file, const toml::source_region& region) {
  return fmt::format("{}:{}:{}", file, region.begin.line, region.begin.column);
}

TomlValue convert(const toml::node& node, std::string_view file) {
  TomlValue value;
  value.where = place(file, node.source());
  if (const auto* text = node.as_string()) {
    value.data = text->get();
  } else if (const auto* integer = node.as_integer()) {
    value.data = integer->get();
  } else if (const auto* fraction = node.as_floating_point()) {
    value.data = fraction->get();
  } else if (const auto* truth = node.as_boolean()) {
    value.data = truth->get();
  } else if (const auto* list = node.as_array()) {
    TomlValue::List elements;
    for (const toml::node& element : *list) elements.push_back(convert(element, file));
    value.data = std::move(elements);
  } else if (const auto* table = node.as_table()) {
    // toml++ keeps keys in alphabetical order; a reader of errors thinks in the order of the file.
    std::vector<std::pair<toml::source_position, TomlField>> fields;
    for (const auto& [key, element] : *table) {
      fields.emplace_back(key.source().begin,
                          TomlField{std::string(key.str()), place(file, key.source()), convert(element, file)});
    }
    std::stable_sort(fields.begin(), fields.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
    TomlValue::Table in_order;
    for (auto& [position, field] : fields) in_order.push_back(std::move(field));
    value.data = std::move(in_order);
  } else {
    value.data = TomlValue::Date{};
  }
  return value;
}

void set_where(TomlValue& value, const std::string& where) {
  value.where = where;
  if (TomlValue::List* list = value.list()) {
    for (TomlValue& element : *list) set_where(element, where);
  }
  if (TomlValue::Table* table = value.table()) {
    for (TomlField& field : *table) {
      field.where = where;
      set_where(field.value, where);
    }
  }
}

// The path of an override, in steps.
std::vector<std::string> steps_of(std::string_view path) {
  std::vector<std::string> steps;
  while (true) {
    const std::size_t dot = steps.empty() || steps.back() != "set" ? path.find('.') : std::string_view::npos;
    steps.emplace_back(path.substr(0, dot));
    if (dot == std::string_view::npos) return steps;
    path.remove_prefix(dot + 1);
  }
}

// What stands behind the equals sign: TOML if it can be read as TOML, else text, so that a shell needs no second pair of quotes.
// Where text stood before, a number or a truth is meant as text too: acks=1 for acks = "1".
TomlValue overriding_value(std::string_view written, const TomlValue* before) {
  const auto document = parse_toml(fmt::format("value = {}", written), "");
  TomlValue value;
  value.data = std::string(written);
  if (!document || document->table()->size() != 1) return value;
  const TomlValue& read = document->table()->front().value;
  const bool scalar = !read.list() && !read.table();
  if (before && before->text() && scalar && !read.text()) return value;
  return read;
}

// The element of a list that a step of a path means.
TomlValue* element(TomlValue::List& list, const std::string& step) {
  std::size_t index = 0;
  const auto [end, error] = std::from_chars(step.data(), step.data() + step.size(), index);
  if (error == std::errc{} && end == step.data() + step.size()) return index < list.size() ? &list[index] : nullptr;
  for (TomlValue& candidate : list) {
    const TomlValue* id = candidate.find("id");
    if (id && id->text() && *id->text() == step) return &candidate;
  }
  return nullptr;
}

}  // namespace

const TomlValue* TomlValue::find(std::string_view key) const {
  const Table* fields = table();
  if (!fields) return nullptr;
  const auto found = std::find_if(fields->begin(), fields->end(), [&](const TomlField& field) { return field.key == key; });
  return found == fields->end() ? nullptr : &found->value;
}

TomlValue* TomlValue::find(std::string_view key) { return const_cast<TomlValue*>(std::as_const(*this).find(key)); }

std::string_view kind(const TomlValue& value) {
  struct Namer {
    std::string_view operator()(const std::string&) const { return "text"; }
    std::string_view operator()(std::int64_t) const { return "a whole number"; }
    std::string_view operator()(double) const { return "a fraction"; }
    std::string_view operator()(bool) const { return "true or false"; }
    std::string_view operator()(TomlValue::Date) const { return "a date"; }
    std::string_view operator()(const TomlValue::List&) const { return "a list"; }
    std::string_view operator()(const TomlValue::Table&) const { return "a table"; }
  };
  return std::visit(Namer{}, value.data);
}

Result<TomlValue, std::string> parse_toml(std::string_view text, std::string_view file) {
  try {
    return convert(toml::parse(text), file);
  } catch (const toml::parse_error& error) {
    std::string what(error.description());
    std::replace(what.begin(), what.end(), '\n', ' ');
    return failure(fmt::format("{}: this is not TOML ({}); text stands in quotation marks, lists in [], tables in {{}}",
                               place(file, error.source()), what));
  }
}

Result<void, std::string> assign(TomlValue& document, std::string_view assignment) {
  const std::string where = fmt::format("--set {}", assignment);
  const std::size_t equals = assignment.find('=');
  if (equals == std::string_view::npos || equals == 0) {
    return failure(fmt::format("{}: no key and value; write path.to.key=value, as in cluster.brokers=5", where));
  }
  TomlValue* at = &document;
  std::string_view before = "the scenario";
  const std::vector<std::string> steps = steps_of(assignment.substr(0, equals));
  for (const std::string& step : steps) {
    if (step.empty()) return failure(fmt::format("{}: a part of the path is empty; write it as in cluster.brokers=5", where));
    if (TomlValue::List* list = at->list()) {
      at = element(*list, step);
      if (!at) {
        return failure(fmt::format("{}: \"{}\" is no element of {}, which has {}; count from 0{}", where, step, before,
                                   list->size(), before == "fault" ? ", or write a fault's id" : ""));
      }
    } else if (TomlValue::Table* table = at->table()) {
      TomlValue* const known = at->find(step);
      if (!known) table->push_back({step, where, {where, TomlValue::Table{}}});
      at = known ? known : &table->back().value;
    } else {
      return failure(fmt::format("{}: {} is {} and has no keys; end the path there", where, before, kind(*at)));
    }
    before = step;
  }
  *at = overriding_value(assignment.substr(equals + 1), at);
  set_where(*at, where);
  return {};
}

}  // namespace acklab::lab
