#include "tools/lab/json_value.h"

#include <cstdint>
#include <optional>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace acklab::lab {

using protocol::failure;
using Json = nlohmann::ordered_json;

namespace {

// Nothing for what has no counterpart: null, and whole numbers beyond 64 bits.
std::optional<TomlValue> convert(const Json& json, const std::string& where) {
  TomlValue value;
  value.where = where;
  switch (json.type()) {
    case Json::value_t::string:
      value.data = json.get<std::string>();
      return value;
    case Json::value_t::number_integer:
      value.data = json.get<std::int64_t>();
      return value;
    case Json::value_t::number_unsigned:
      if (json.get<std::uint64_t>() > static_cast<std::uint64_t>(INT64_MAX)) return std::nullopt;
      value.data = json.get<std::int64_t>();
      return value;
    case Json::value_t::number_float:
      value.data = json.get<double>();
      return value;
    case Json::value_t::boolean:
      value.data = json.get<bool>();
      return value;
    case Json::value_t::array: {
      TomlValue::List list;
      for (std::size_t i = 0; i < json.size(); ++i) {
        auto element = convert(json[i], fmt::format("{}.{}", where, i));
        if (!element) return std::nullopt;
        list.push_back(*std::move(element));
      }
      value.data = std::move(list);
      return value;
    }
    case Json::value_t::object: {
      TomlValue::Table table;
      for (const auto& [key, member] : json.items()) {
        const std::string place = fmt::format("{}.{}", where, key);
        auto field = convert(member, place);
        if (!field) return std::nullopt;
        table.push_back({key, place, *std::move(field)});
      }
      value.data = std::move(table);
      return value;
    }
    default:
      return std::nullopt;
  }
}

}  // namespace

protocol::Result<TomlValue, std::string> parse_json(std::string_view text, std::string_view name) {
  bool too_deep = false;
  const auto watch_depth = [&](int depth, Json::parse_event_t, Json&) {
    too_deep = too_deep || depth > max_json_depth;
    return !too_deep;
  };
  Json json;
  try {
    json = Json::parse(text, watch_depth);
  } catch (const Json::parse_error& error) {
    return failure(fmt::format("{}: no JSON (at byte {}); write an object, as in {{\"do\": \"kill\"}}", name, error.byte));
  }
  if (too_deep) return failure(fmt::format("{}: nested deeper than {} levels; nothing here needs that", name, max_json_depth));
  auto value = convert(json, std::string(name));
  if (!value) return failure(fmt::format("{}: holds null or a number beyond 64 bits; leave such keys out", name));
  return *std::move(value);
}

}  // namespace acklab::lab
