// The format of a message as a table, with the versions in which each field exists, from the declaration alone.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "protocol/wire/schema.h"

namespace acklab::protocol {

struct FormatRow {
  std::size_t depth = 0;
  std::string name;
  std::string type;      // in the version that was asked for: "compact string", "array of structure"
  std::string versions;  // "3+", "0 to 14"
  std::string nullable;  // the same; empty: never
  std::string tag;       // its number; empty: in the body

  friend bool operator==(const FormatRow&, const FormatRow&) = default;
};

// The fields that the version has, in their order on the wire; tagged ones stand last in their structure.
std::vector<FormatRow> format_of(const Schema& schema, std::int16_t version);

// "3+", "0 to 14", "7": the versions of a message from `first` to `last`; empty if there are none.
std::string versions_text(std::int16_t first, std::int16_t last, const MessageInfo& info);

struct FormatChange {
  enum class Kind { added, removed, changed } kind = Kind::added;
  std::string path;    // "TopicData.PartitionData.RecordErrors"
  std::string before;  // its type; empty if it was added
  std::string after;
};

// What is different on the wire from one version to the other. That a message became flexible is the first line of it.
std::vector<FormatChange> format_changes(const Schema& schema, std::int16_t from, std::int16_t to);

}  // namespace acklab::protocol
