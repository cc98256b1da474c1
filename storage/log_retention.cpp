// Deleting at a log's start: moving it up, and dropping the segments below it.
#include <algorithm>
#include <utility>

#include "protocol/check.h"
#include "storage/log_state.h"

namespace acklab::storage {

using protocol::failure;

Result<void, DiskError> Log::advance_start(Offset offset) {
  CHECK(offset <= end());
  if (offset <= start()) return {};
  if (const auto can = state_->changeable(); !can) return can;
  state_->log_start = offset;
  return state_->trim_epochs();
}

Result<void, DiskError> Log::State::trim_epochs() {
  const auto first_before = epochs.first();
  epochs.trim_to(log_start);
  return epochs.first() == first_before ? Result<void, DiskError>{} : write_epochs();
}

// The batches are renamed first, so that a crash leaves no segment without its indexes, and the oldest segment first, so that it
// leaves no hole.
Result<int, DiskError> Log::delete_old_segments(Offset high_watermark, std::int64_t now) {
  State& state = *state_;
  if (const auto can = state.changeable(); !can) return failure(can.error());
  std::vector<SegmentFacts> facts;
  for (const Segment& segment : state.segments) {
    if (!facts.empty()) facts.back().end = segment.base();
    facts.push_back({segment.end(), segment.size(), segment.max_timestamp()});
  }
  const std::size_t count =
      segments_to_delete(facts, state.config.retention, {.start = start(), .high_watermark = high_watermark, .now = now});
  if (count == 0) return 0;
  if (count == state.segments.size()) {
    if (const auto rolled = state.roll(end()); !rolled) return failure(rolled.error());
  }
  // A power loss must not take the name of the last segment when that is all that is left: the log would begin at 0 again.
  if (const auto flushed = state.active().flush(); !flushed) return state.fail(flushed.error());
  for (std::size_t i = 0; i < count; ++i) {
    const Offset base = state.segments.front().base();
    for (const std::string_view suffix : segment_suffixes) {
      const std::string path = state.path_of(base, suffix);
      if (!state.disk.exists(path)) continue;
      if (const auto renamed = state.disk.rename(path, path + std::string(deleted_suffix)); !renamed) {
        return state.fail(renamed.error());
      }
    }
    state.snapshots.erase(base);
    state.deleted.insert(base);
    ++state.sealed_version;
    state.segments.erase(state.segments.begin());
    state.log_start = std::max(state.log_start, state.segments.front().base());
  }
  if (const auto trimmed = state.trim_epochs(); !trimmed) return failure(trimmed.error());
  return static_cast<int>(count);
}

Result<void, DiskError> Log::remove_deleted_files() {
  State& state = *state_;
  for (const Offset base : std::exchange(state.deleted, {})) {
    for (const std::string_view suffix : segment_suffixes) {
      const auto removed = remove_if_there(state.disk, state.path_of(base, suffix) + std::string(deleted_suffix));
      if (!removed) return removed;  // opening the log again removes what is left
    }
  }
  return {};
}

}  // namespace acklab::storage
