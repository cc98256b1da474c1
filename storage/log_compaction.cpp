// Compaction's part of a log: what there is to clean, and putting cleaned segments in the place of others.
#include "protocol/check.h"
#include "storage/index_files.h"
#include "storage/log_state.h"

namespace acklab::storage {

using protocol::failure;

Result<std::vector<SegmentOutline>, DiskError> Log::segment_outlines() const {
  std::vector<SegmentOutline> all;
  for (const Segment& segment : state_->segments) {
    const auto first = segment.size() > 0 ? segment.first_timestamp() : -1;
    if (!first) return failure(first.error());
    all.push_back({segment.base(), segment.end(), segment.size(), *first, segment.max_timestamp()});
  }
  return all;
}

Result<LogRead, DiskError> Log::read_stored(Offset from, Offset upper, std::size_t max_bytes) const {
  return state_->read(std::max(from, state_->segments.front().base()), std::min(upper, end()), max_bytes, true);
}

Result<SegmentDraft, DiskError> Log::begin_segment(Offset base) const {
  return SegmentDraft::create(state_->disk, state_->directory, base, state_->config.index_interval_bytes);
}

std::uint64_t Log::sealed_version() const { return state_->sealed_version; }

// What a crash leaves, in this order:
//   1. before:                             the swap is completed from its file alone, see complete_swaps()
//   2. some of the old segments are gone:  likewise; what the swap covers is in it
//   3. the file has its name, no index:    the index is made again from the batches
Result<void, DiskError> Log::replace_segments(std::size_t first, std::size_t count, const SegmentDraft& draft) {
  State& state = *state_;
  if (const auto can = state.changeable(); !can) return can;
  CHECK(count > 0 && first + count < state.segments.size() && state.segments[first].base() == draft.base());
  ++state.sealed_version;
  const Offset end = state.segments[first + count].base();
  for (std::size_t i = first + count; i-- > first;) {
    const Offset base = state.segments[i].base();
    if (base == draft.base()) continue;
    if (const auto removed = state.remove_segment_files(base); !removed) return state.fail(removed.error());
    if (const auto removed = state.remove_snapshot(base); !removed) return state.fail(removed.error());
  }
  if (const auto swapped = state.complete_swap(draft.base()); !swapped) return state.fail(swapped.error());
  if (const auto written = write_index(state.disk, state.directory, draft.base(), draft.index(), draft.transactions());
      !written) {
    return state.fail(written.error());
  }
  auto cleaned = Segment::open(state.disk, state.directory, draft.base(), state.config.index_interval_bytes, end);
  if (!cleaned) return state.fail(cleaned.error());
  const auto at = state.segments.begin() + static_cast<std::ptrdiff_t>(first);
  *at = *std::move(cleaned);
  state.segments.erase(at + 1, at + static_cast<std::ptrdiff_t>(count));
  return {};
}

// The indexes first: those that are there belong to the segment that goes.
Result<void, DiskError> Log::State::complete_swap(Offset base) {
  for (const std::string_view suffix : index_suffixes) {
    if (const auto removed = remove_if_there(disk, path_of(base, suffix)); !removed) return removed;
  }
  const std::string path = path_of(base, log_suffix);
  return disk.rename(path + std::string(swap_suffix), path);
}

}  // namespace acklab::storage
