// Bytes taken apart: each part says where it lies, what it is called, how it is written and what it means. What cannot be read is a part,
// too: the last one, with a fault. Made by dissect_*(), shown as an annotated hex dump (hex_dump.h) or as JSON.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/wire/slice.h"

namespace acklab::protocol {

struct Part {
  std::size_t offset = 0;  // of `bytes`, from the start of what was taken apart; of what was compressed: from its own start
  Slice bytes;             // all of a plain field; of one with parts what stands before them, such as their number
  std::string name;        // Kafka's: "TopicData", "PartitionData[1]"
  std::string type;        // how it is written: "compact string", "int32", "zigzag varint"
  std::string versions;    // of the message, in which there is such a field: "3+", "0 to 14"
  std::string value;       // what it says: "\"orders\"", "1500", "null", "2 elements"
  std::string note;        // what else is to be known: "matches", "UNKNOWN_TOPIC_OR_PARTITION"
  std::string fault;       // why it cannot be read; not empty only in the last part of the last part
  bool unpacked = false;   // lies in what was decompressed, not in the bytes themselves
  std::vector<Part> parts;
};

// With all parts of them.
void mark_unpacked(std::vector<Part>& parts);

// Where reading ended, if it did not come to the end: the path of names, and the part.
struct Fault {
  std::size_t offset = 0;
  std::string path;  // "TopicData[0].PartitionData[0].Records"
  std::string reason;

  friend bool operator==(const Fault&, const Fault&) = default;
};
std::optional<Fault> first_fault(const std::vector<Part>& parts);

// What the note of a checksum begins with if it is not that of its bytes. They can be read all the same, so that it is no fault.
inline constexpr std::string_view does_not_match = "DOES NOT MATCH";
bool has_wrong_checksum(const std::vector<Part>& parts);

}  // namespace acklab::protocol
