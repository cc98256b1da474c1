// Parts as acklab dissect prints them, as a dump and as JSON. They come one by one, and what was shown is not held: a segment may have more
// of them than there is memory.
#pragma once

#include <optional>
#include <vector>

#include "protocol/study/hex_dump.h"
#include "tools/commands/json_pieces.h"

namespace acklab {

class PartsOutput {
 public:
  // `json` outlives it.
  PartsOutput(const protocol::DumpStyle& style, JsonOutput& json) : style_(style), json_(json) {}

  void show(const std::vector<protocol::Part>& parts);
  // There are no more. Throws Exit{unexpected} if one could not be read, and says which.
  void end();

 private:
  protocol::DumpStyle style_;
  JsonOutput& json_;
  JsonPieces pieces_{json_};
  bool begun_ = false;
  std::optional<protocol::Fault> fault_;  // the first
};

}  // namespace acklab
