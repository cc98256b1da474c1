// The small files of a log's directory taken apart (FORMAT.md), as protocol/study takes apart what lies in the segments: indexes, and
// what is known of producers.
#pragma once

#include <functional>
#include <optional>
#include <string_view>

#include "protocol/study/part.h"
#include "protocol/types.h"
#include "protocol/wire/slice.h"

namespace acklab::storage {

enum class LogFile { index, time_index, transaction_index, snapshot };

struct NamedLogFile {
  LogFile kind{};
  std::optional<protocol::Offset> base;  // nothing if it is not known
};

// By the ending of a name without its folder, and the offset before it. Nothing for any other.
std::optional<NamedLogFile> log_file_of_name(std::string_view name);

// Entry by entry; what was shown is not held.
void dissect_log_file(const NamedLogFile& file, const protocol::Slice& bytes, const std::function<void(protocol::Part)>& show);

}  // namespace acklab::storage
