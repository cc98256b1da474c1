// The names of the files in a log's directory. All that belongs to a segment bears its base offset in twenty digits:
//
//   00000000000000001500.log         the batches
//   00000000000000001500.index       offsets to positions
//   00000000000000001500.timeindex   timestamps to offsets
//   00000000000000001500.txnindex    aborted transactions; if there are any
//   00000000000000001500.snapshot    producer states before that offset; written when the segment begins
//
// and, until it is removed for good, ".deleted" behind all that.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "protocol/types.h"
#include "storage/disk.h"

namespace acklab::storage {

inline constexpr std::string_view log_suffix = ".log";
inline constexpr std::string_view index_suffix = ".index";
inline constexpr std::string_view time_index_suffix = ".timeindex";
inline constexpr std::string_view transaction_index_suffix = ".txnindex";
inline constexpr std::string_view snapshot_suffix = ".snapshot";
inline constexpr std::string_view deleted_suffix = ".deleted";
inline constexpr std::string_view draft_suffix = ".tmp";

// The indexes of a segment. Without the first two it is walked when it is opened, so whoever removes them begins with those, and whoever
// writes them ends with those.
inline constexpr std::array index_suffixes = {index_suffix, time_index_suffix, transaction_index_suffix};
// All that belongs to a segment. Its batches first, so that a crash leaves no segment without what belongs to it.
inline constexpr std::array segment_suffixes = {log_suffix, index_suffix, time_index_suffix, transaction_index_suffix,
                                                snapshot_suffix};

std::string file_name(protocol::Offset offset, std::string_view suffix);
// Nothing for the name of any other file.
std::optional<protocol::Offset> offset_in_name(std::string_view name, std::string_view suffix);

inline std::string segment_name(protocol::Offset base) { return file_name(base, log_suffix); }
inline std::optional<protocol::Offset> base_of_segment_name(std::string_view name) { return offset_in_name(name, log_suffix); }

// Writes a file beside the old one, flushes it and renames it over: a crash leaves the old one or the new one, whole.
Result<void, DiskError> replace_file(Disk& disk, const std::string& path, const Slice& content);
// All of it. DiskFault::not_found if there is none.
Result<Slice, DiskError> read_file(Disk& disk, const std::string& path);
// No error if there is none.
Result<void, DiskError> remove_if_there(Disk& disk, const std::string& path);

}  // namespace acklab::storage
