// A capture as acklab dissect shows it: a line for each connection and each message, and whole messages on demand.
#pragma once

#include <optional>
#include <set>

#include "protocol/study/hex_dump.h"
#include "tools/commands/command.h"

namespace acklab {

struct CaptureView {
  std::set<std::size_t> frames;            // whose bytes are shown, too; from 1
  bool every_frame = false;                // instead: all
  std::optional<std::int64_t> connection;  // only this one; from 1
  std::optional<std::int16_t> api_key;     // only its requests and responses
  protocol::DumpStyle style;
};

// Throws Exit{unexpected} if a message or the file could not be read, and BadInput if there is nothing like what was asked for.
void print_capture(const protocol::Slice& file, const CaptureView& view, JsonOutput& json);

}  // namespace acklab
