// A TOML document as plain values that know where they stand, so that a mistake can be shown at its place. toml++ itself is included in
// toml_value.cpp alone: what reads scenarios compiles without it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "protocol/result.h"

namespace acklab::lab {

struct TomlField;

struct TomlValue {
  using List = std::vector<TomlValue>;
  using Table = std::vector<TomlField>;  // in the order of the file
  struct Date {};                        // TOML has dates; no key of ours takes one

  std::string where;  // "lost.toml:12:5"; of an overridden value the override: "--set cluster.brokers=5"
  std::variant<std::string, std::int64_t, double, bool, Date, List, Table> data;

  const Table* table() const { return std::get_if<Table>(&data); }
  Table* table() { return std::get_if<Table>(&data); }
  const List* list() const { return std::get_if<List>(&data); }
  List* list() { return std::get_if<List>(&data); }
  const std::string* text() const { return std::get_if<std::string>(&data); }
  // The value of a key, if this is a table that has it.
  const TomlValue* find(std::string_view key) const;
  TomlValue* find(std::string_view key);
};

struct TomlField {
  std::string key;
  std::string where;  // of the key itself
  TomlValue value;
};

// What a value is, in words: "text", "a whole number", "a list".
std::string_view kind(const TomlValue& value);

// The document's top table. The error is a line for the user that begins with `file`, line and column.
protocol::Result<TomlValue, std::string> parse_toml(std::string_view text, std::string_view file);

// Carries out one "path.to.key=value". A number in the path counts the elements of a list from 0; an element that has an `id` is
// also found by that. Behind `set` all the rest is one key, because Kafka's keys have dots themselves:
//   cluster.brokers=5   topic.0.set.min.insync.replicas=1   fault.kill-leader.do=power-loss   expect.must=["lost-write"]
// A key that the table lacks is added: whoever reads the document knows which keys there are.
protocol::Result<void, std::string> assign(TomlValue& document, std::string_view assignment);

}  // namespace acklab::lab
