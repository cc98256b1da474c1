#include "storage/log.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "protocol/check.h"
#include "protocol/mutant.h"
#include "protocol/runtime/random.h"
#include "storage/checkpoint.h"
#include "storage/log_state.h"
#include "storage/producer_snapshot.h"

namespace acklab::storage {

using protocol::BatchHeader;
using protocol::failure;
using protocol::Mutant;

namespace {

// Of the snapshots that belong to no segment, as a clean shutdown leaves them, so many are kept.
constexpr std::size_t newest_snapshots_kept = 2;

// By how much this segment ends before segment.ms. The same whenever it is asked, so it is kept nowhere.
std::int64_t jitter_ms(const LogConfig& config, const std::string& directory, Offset base) {
  const std::int64_t below = std::min(config.segment_jitter_ms, config.segment_ms);
  if (below <= 0) return 0;
  auto random = protocol::Random::stream(config.jitter_seed, directory, base.value);
  return static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(below)));
}

}  // namespace

Result<void, DiskError> Log::State::changeable() const {
  if (failed) return failure(DiskError{DiskFault::failed, directory + ": an earlier change failed"});
  return {};
}

// --- Segments ---

Result<void, DiskError> Log::State::add_segment(Offset base) {
  auto segment = Segment::create(disk, directory, base, config.index_interval_bytes);
  if (!segment) return failure(segment.error());
  segments.push_back(std::move(*segment));
  return {};
}

// As in Kafka, segment.ms is counted from record to record and not by a clock: a log that nobody writes to does not roll.
Result<bool, DiskError> Log::State::must_roll(const BatchHeader& header) {
  const Segment& segment = active();
  if (header.last_offset() - segment.base() > INT32_MAX) return true;  // the indexes could not name it
  if (segment.size() == 0) return false;
  if (segment.size() + header.size() > config.segment_bytes || segment.index_full(config.segment_index_bytes)) return true;
  const auto first = segment.first_timestamp();
  if (!first) return failure(first.error());
  return *first >= 0 && header.max_timestamp >= 0 &&
         header.max_timestamp - *first > config.segment_ms - jitter_ms(config, directory, segment.base());
}

// Kafka flushes a full segment in the background right after the roll; here it is durable before the next one exists.
Result<void, DiskError> Log::State::roll(Offset base) {
  if (const auto sealed = active().seal(); !sealed) return fail(sealed.error());
  flushed_end = end();
  if (const auto taken = take_snapshot(base); !taken) return fail(taken.error());
  if (const auto added = add_segment(base); !added) return fail(added.error());
  return {};
}

Result<void, DiskError> Log::State::append(const Bytes& bytes, const BatchHeader& header,
                                           const std::optional<protocol::EndTransactionMarker>& marker) {
  const auto full = must_roll(header);
  if (!full) return failure(full.error());
  if (*full) {
    if (const auto rolled = roll(header.base_offset); !rolled) return rolled;
  }
  if (const auto appended = active().append(bytes, header); !appended) return fail(appended.error());

  if (const auto aborted = producers.update(header, marker)) active().note_aborted(*aborted);
  if (header.leader_epoch > epochs.latest()) {
    epochs.assign(header.leader_epoch, header.base_offset);
    if (const auto written = write_epochs(); !written) return written;
  }
  return end() - flushed_end >= config.flush_messages ? flush() : Result<void, DiskError>{};
}

Result<void, DiskError> Log::State::remove_segment_files(Offset base) {
  for (const std::string_view suffix : segment_suffixes) {
    if (suffix == snapshot_suffix) continue;  // has a life of its own: see take_snapshot()
    if (const auto removed = remove_if_there(disk, path_of(base, suffix)); !removed) return removed;
  }
  return {};
}

Result<void, DiskError> Log::State::remove_segment() {
  if (const auto removed = remove_segment_files(active().base()); !removed) return removed;
  segments.pop_back();
  ++sealed_version;
  return {};
}

Result<void, DiskError> Log::State::flush() {
  if (const auto flushed = active().flush(); !flushed) return fail(flushed.error());
  flushed_end = end();
  return {};
}

std::size_t Log::State::segment_with(Offset offset) const {
  if (offset >= segments.back().base()) return segments.size() - 1;
  const auto above = std::upper_bound(segments.begin(), segments.end(), offset,
                                      [](Offset wanted, const Segment& segment) { return wanted < segment.base(); });
  return static_cast<std::size_t>(std::distance(segments.begin(), above)) - 1;
}

// Compaction may have emptied the end of a segment: what was asked for is then followed by the next segment's first batch.
Result<LogRead, DiskError> Log::State::read(Offset from, Offset upper, std::size_t max_bytes, bool at_least_one) const {
  if (from >= upper) return LogRead{{}, from, from};
  for (std::size_t at = segment_with(from); at < segments.size() && segments[at].base() < upper; ++at) {
    auto read = segments[at].read(std::max(from, segments[at].base()), upper, max_bytes, at_least_one);
    if (!read || !read->records.empty()) return read;
    if (read->next_offset < segments[at].end()) break;  // there is something, which does not fit
  }
  return LogRead{{}, from, from};
}

// --- What is derived ---

Result<void, DiskError> Log::State::write_epochs() {
  const auto written = write_leader_epochs(disk, directory + "/" + leader_epoch_checkpoint, epochs.entries());
  if (!written) return fail(written.error());
  return {};
}

Result<void, DiskError> Log::State::take_snapshot(Offset offset) {
  if (!snapshots.contains(offset)) {
    const auto written = replace_file(disk, path_of(offset, snapshot_suffix), encode_snapshot(producers));
    if (!written) return written;
    snapshots.insert(offset);
  }
  std::size_t newer = 0;
  for (auto at = std::prev(snapshots.end());; --at) {
    const bool of_a_segment =
        std::any_of(segments.begin(), segments.end(), [&](const Segment& segment) { return segment.base() == *at; });
    if (!of_a_segment && newer >= newest_snapshots_kept) return remove_snapshot(*at);
    ++newer;
    if (at == snapshots.begin()) return {};
  }
}

Result<void, DiskError> Log::State::remove_snapshot(Offset offset) {
  const auto removed = remove_if_there(disk, path_of(offset, snapshot_suffix));
  if (removed) snapshots.erase(offset);
  return removed;
}

Result<void, DiskError> Log::State::remove_snapshots_behind(Offset offset) {
  while (!snapshots.empty() && *snapshots.rbegin() > offset) {
    if (const auto removed = remove_snapshot(*snapshots.rbegin()); !removed) return removed;
  }
  return {};
}

// --- Log ---

Log::Log(std::unique_ptr<State> state) : state_(std::move(state)) {}
Log::Log(Log&&) noexcept = default;
Log& Log::operator=(Log&&) noexcept = default;
Log::~Log() = default;

void Log::configure(const LogConfig& config) { state_->config = config; }
const LogConfig& Log::config() const { return state_->config; }

Offset Log::start() const { return state_->log_start; }
Offset Log::end() const { return state_->end(); }
const LogRecovery& Log::recovery() const { return state_->recovery; }
Offset Log::flushed_end() const { return state_->flushed_end; }
bool Log::failed() const { return state_->failed; }
const LeaderEpochs& Log::epochs() const { return state_->epochs; }
const ProducerStates& Log::producer_states() const { return state_->producers; }

std::uint64_t Log::size() const {
  std::uint64_t bytes = 0;
  for (const Segment& segment : state_->segments) bytes += segment.size();
  return bytes;
}

Result<Offset, DiskError> Log::append(const RecordBatch& batch, LeaderEpoch epoch) {
  if (const auto can = state_->changeable(); !can) return failure(can.error());
  BatchHeader header = batch.header();
  header.base_offset = end();
  header.leader_epoch = epoch;
  Slice prefix = protocol::leader_prefix(batch.header(), header.base_offset, epoch);
  const Slice rest = batch.bytes().from(prefix.size());
  Bytes bytes(std::move(prefix));
  bytes.append(rest);
  if (const auto appended = state_->append(bytes, header, end_transaction_marker(batch)); !appended)
    return failure(appended.error());
  return header.base_offset;
}

Result<void, DiskError> Log::append_replicated(const RecordBatch& batch) {
  if (const auto can = state_->changeable(); !can) return can;
  return state_->append(batch.bytes(), batch.header(), end_transaction_marker(batch));
}

Result<LogRead, DiskError> Log::read(Offset from, Offset upper, std::size_t max_bytes, bool at_least_one) const {
  CHECK(start() <= from && from <= end());
  return state_->read(from, std::min(upper, end()), max_bytes, at_least_one);
}

Result<std::optional<Log::Found>, DiskError> Log::find_time(std::int64_t timestamp, Offset upper) const {
  for (const Segment& segment : state_->segments) {
    if (segment.base() >= upper) break;
    if (segment.end() <= start()) continue;
    auto found = segment.find_time(timestamp, start(), upper);
    if (!found || found->has_value()) return found;
  }
  return std::optional<Found>{};
}

Offset Log::last_stable_offset(Offset high_watermark) const {
  return std::max(state_->producers.last_stable_offset(high_watermark), std::min(start(), high_watermark));
}

// The transactions of a batch are in the index of its segment or of a later one: where their markers lie.
std::vector<AbortedTransaction> Log::aborted_transactions(Offset from, Offset upper) const {
  std::vector<AbortedTransaction> found;
  for (std::size_t at = state_->segment_with(from); at < state_->segments.size(); ++at) {
    if (state_->segments[at].transactions().collect(from, upper, found) == TransactionIndex::Search::is_over) break;
  }
  return found;
}

void Log::high_watermark_moved(Offset high_watermark) { state_->producers.forget_decided_below(high_watermark); }

std::int64_t Log::max_timestamp() const {
  std::int64_t largest = -1;
  for (const Segment& segment : state_->segments) largest = std::max(largest, segment.max_timestamp());
  return largest;
}

Offset Log::segment_base(Offset offset) const { return state_->segments[state_->segment_with(offset)].base(); }

// Snapshots first: one that tells of batches that are gone must not outlive them.
Result<void, DiskError> Log::truncate_to(Offset offset) {
  State& state = *state_;
  if (offset < state.segments.front().base()) return reset_to(offset);
  if (const auto can = state.changeable(); !can) return can;
  const Offset old_end = end();
  if (const auto removed = state.remove_snapshots_behind(offset); !removed) return state.fail(removed.error());
  while (state.segments.size() > 1 && state.active().base() >= offset) {
    if (const auto removed = state.remove_segment(); !removed) return state.fail(removed.error());
  }
  if (const auto truncated = state.active().truncate_to(offset); !truncated) return state.fail(truncated.error());
  state.flushed_end = std::min(state.flushed_end, end());
  state.log_start = std::min(state.log_start, end());

  // Also if no batch goes: this replica may have become leader at the end, and the next leader been elected before it appended.
  const std::size_t known_epochs = state.epochs.entries().size();
  state.epochs.truncate_to(end());
  if (end() < old_end) {
    if (const auto removed = state.remove_snapshots_behind(end()); !removed) return state.fail(removed.error());
    if (const auto loaded = state.load_producers(); !loaded) return state.fail(loaded.error());
  }
  return state.epochs.entries().size() < known_epochs ? state.write_epochs() : Result<void, DiskError>{};
}

// Every crash on the way leaves the old log, maybe shorter, or the new one:
//   1. What is derived goes first. Segments go from the last on.
//   2. The old first segment is emptied, durably, before the new one is made. Recovery removes an empty segment before another one.
Result<void, DiskError> Log::reset_to(Offset offset) {
  State& state = *state_;
  if (const auto can = state.changeable(); !can) return can;
  state.epochs.clear();
  state.producers.clear();
  if (const auto written = state.write_epochs(); !written) return written;
  if (const auto removed = state.remove_snapshots_behind(Offset{}); !removed) return state.fail(removed.error());
  while (state.segments.size() > 1) {
    if (const auto removed = state.remove_segment(); !removed) return state.fail(removed.error());
  }
  const Offset old_base = state.active().base();
  if (const auto emptied = state.active().truncate_to(old_base); !emptied) return state.fail(emptied.error());
  if (const auto flushed = state.active().flush(); !flushed) return state.fail(flushed.error());

  if (offset != old_base) {
    auto fresh = Segment::create(state.disk, state.directory, offset, state.config.index_interval_bytes);
    if (!fresh) return state.fail(fresh.error());
    if (const auto flushed = fresh->flush(); !flushed) return state.fail(flushed.error());
    if (const auto removed = state.remove_segment_files(old_base); !removed) return state.fail(removed.error());
    state.active() = std::move(*fresh);
  }
  state.log_start = offset;
  state.flushed_end = offset;
  return {};
}

void Log::forget_producers_before(std::int64_t timestamp) { state_->producers.forget_before(timestamp); }

Result<void, DiskError> Log::flush() {
  if (const auto can = state_->changeable(); !can) return can;
  return state_->flush();
}

Result<void, DiskError> Log::close() {
  State& state = *state_;
  if (const auto can = state.changeable(); !can) return can;
  if (const auto sealed = state.active().seal(); !sealed) return state.fail(sealed.error());
  state.flushed_end = end();
  if (const auto taken = state.take_snapshot(end()); !taken) return state.fail(taken.error());
  return {};
}

Result<void, DiskError> Log::assign_epoch(LeaderEpoch epoch) {
  if (const auto can = state_->changeable(); !can) return can;
  if (epoch <= epochs().latest()) return {};
  if (active(Mutant::lose_producer_states)) state_->producers.clear();
  state_->epochs.assign(epoch, end());
  return state_->write_epochs();
}

}  // namespace acklab::storage
