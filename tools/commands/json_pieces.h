// A JSON document that is larger than should be held at once, written in pieces. Where one piece ends, a value or a comma does: so a line
// may end there, too, as it does in large documents.
#pragma once

#include <string>
#include <string_view>

#include "tools/commands/command.h"

namespace acklab {

class JsonPieces {
 public:
  // `json` outlives it, and is wanted if there is anything to add.
  explicit JsonPieces(JsonOutput& json) : json_(json) {}

  void add(std::string_view piece) {
    line_ += piece;
    if (line_.size() >= enough_for_a_line) write();
  }
  void end() {
    if (!line_.empty()) write();
  }

 private:
  static constexpr std::size_t enough_for_a_line = 1u << 20;

  void write() {
    json_.write(line_);
    line_.clear();
  }

  JsonOutput& json_;
  std::string line_;
};

}  // namespace acklab
