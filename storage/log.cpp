#include "storage/log.h"

#include <algorithm>
#include <iterator>
#include <span>
#include <utility>
#include <vector>

#include "protocol/check.h"
#include "protocol/mutant.h"
#include "storage/checkpoint.h"

namespace acklab::storage {

using protocol::BatchHeader;
using protocol::failure;
using protocol::Mutant;

struct Log::State {
  State(Disk& disk_in, std::string directory_in, LogConfig config_in)
      : disk(disk_in), directory(std::move(directory_in)), config(config_in) {}

  Disk& disk;  // outlives the log
  std::string directory;
  LogConfig config;
  std::vector<Segment> segments;  // in order, without gaps; never empty once open; all but the last are flushed
  LeaderEpochs epochs;
  ProducerStates producers;
  Offset log_start{0};
  Offset flushed_end{};
  std::uint64_t cut_at_open = 0;
  bool failed = false;

  Segment& active() { return segments.back(); }
  Offset end() const { return segments.back().end(); }

  // A change that failed half-way: see Log::failed().
  auto fail(const DiskError& error) {
    failed = true;
    return failure(error);
  }
  Result<void, DiskError> changeable() const;

  Result<void, DiskError> recover(const LogCheckpoints& checkpoints);
  Result<void, DiskError> recover_segments();
  // A segment behind a hole: a power loss took what lay between.
  Result<void, DiskError> drop_unconnected(const std::string& name);
  Result<void, DiskError> recover_last_epoch();
  // Epochs and producer states as the batches tell them.
  Result<void, DiskError> replay();

  Result<void, DiskError> add_segment(Offset base);
  Result<void, DiskError> append(const Bytes& bytes, const BatchHeader& header);
  // The last segment goes.
  Result<void, DiskError> remove_segment();
  Result<void, DiskError> flush();
  Result<void, DiskError> write_epochs();
  const Segment& segment_with(Offset offset) const;
};

Result<void, DiskError> Log::State::changeable() const {
  if (failed) return failure(DiskError{DiskFault::failed, directory + ": an earlier change failed"});
  return {};
}

Result<void, DiskError> Log::State::recover(const LogCheckpoints& checkpoints) {
  if (const auto recovered = recover_segments(); !recovered) return recovered;
  log_start = std::max(checkpoints.start, segments.front().base());
  if (const auto replayed = replay(); !replayed) return replayed;
  if (const auto recovered = recover_last_epoch(); !recovered) return recovered;
  // What an earlier process flushed of the last segment is not known. The ones before it were flushed when they were full.
  flushed_end = active().base();
  return {};
}

Result<void, DiskError> Log::State::recover_segments() {
  for (const std::string& name : disk.list(directory)) {
    const auto base = base_of_segment_name(name);
    if (!base) continue;
    if (segments.empty() || *base == end()) {
      if (const auto added = add_segment(*base); !added) return added;
      cut_at_open += active().cut_at_open();
    } else if (const auto dropped = drop_unconnected(name); !dropped) {
      return dropped;
    }
  }
  return segments.empty() ? add_segment(Offset{0}) : Result<void, DiskError>{};
}

Result<void, DiskError> Log::State::drop_unconnected(const std::string& name) {
  const std::string path = directory + "/" + name;
  const auto file = disk.open(path);
  if (!file) return failure(file.error());
  cut_at_open += (*file)->size();
  return disk.remove(path);
}

// The checkpoint holds one thing that the batches do not tell: an epoch that began at the log end and has no batch yet. The rest of
// it must be what the batches tell; else it does not belong to these batches. One way to get there:
//   1. The log holds epoch 3 from offset 50 to 70, flushed, and is truncated to 50, not flushed.
//   2. It takes epoch 2 from 50 to 70 from the new leader; then epoch 4 begins at 70 and the checkpoint, always flushed, says so.
//   3. The power fails, and the bytes of before 1 come back.
// Trusting "4 begins at 70" would vouch for batches that the leader of epoch 4 never had.
Result<void, DiskError> Log::State::recover_last_epoch() {
  const auto saved = read_leader_epochs(disk, directory + "/" + leader_epoch_checkpoint);
  if (!saved) return failure(saved.error());
  if (!saved->empty() && saved->back().start == end()) {
    // Each of the two may know of a log start that the other does not.
    LeaderEpochs told = epochs;
    LeaderEpochs remembered;
    for (const EpochStart& entry : std::span(*saved).first(saved->size() - 1)) remembered.assign(entry.epoch, entry.start);
    told.trim_to(saved->front().start);
    remembered.trim_to(log_start);
    if (told == remembered) epochs.assign(saved->back().epoch, end());
  }
  const auto known = epochs.entries();
  return std::equal(saved->begin(), saved->end(), known.begin(), known.end()) ? Result<void, DiskError>{} : write_epochs();
}

Result<void, DiskError> Log::State::replay() {
  epochs.clear();
  const bool keep_states = protocol::active(Mutant::keep_states_of_the_cut) && !producers.producers().empty();
  if (!keep_states) producers.clear();
  for (const Segment& segment : segments) {
    const auto visited = segment.for_each_header([&](const BatchHeader& header) {
      epochs.assign(header.leader_epoch, header.base_offset);
      if (!keep_states) producers.update(header);
    });
    if (!visited) return visited;
  }
  epochs.trim_to(log_start);
  return {};
}

Result<void, DiskError> Log::State::add_segment(Offset base) {
  auto segment = Segment::open(disk, directory, base, config.index_interval_bytes);
  if (!segment) return failure(segment.error());
  segments.push_back(std::move(*segment));
  return {};
}

Result<void, DiskError> Log::State::append(const Bytes& bytes, const BatchHeader& header) {
  if (active().size() > 0 && active().size() + bytes.size() > config.segment_bytes) {
    // Kafka flushes a full segment in the background right after the roll.
    if (const auto flushed = flush(); !flushed) return flushed;
    if (const auto added = add_segment(end()); !added) return fail(added.error());
  }
  if (const auto appended = active().append(bytes, header); !appended) return fail(appended.error());

  producers.update(header);
  if (header.leader_epoch > epochs.latest()) {
    epochs.assign(header.leader_epoch, header.base_offset);
    if (const auto written = write_epochs(); !written) return written;
  }
  return end() - flushed_end >= config.flush_messages ? flush() : Result<void, DiskError>{};
}

Result<void, DiskError> Log::State::remove_segment() {
  if (const auto removed = disk.remove(active().path()); !removed) return removed;
  segments.pop_back();
  return {};
}

Result<void, DiskError> Log::State::flush() {
  if (const auto flushed = active().flush(); !flushed) return fail(flushed.error());
  flushed_end = end();
  return {};
}

Result<void, DiskError> Log::State::write_epochs() {
  const auto written = write_leader_epochs(disk, directory + "/" + leader_epoch_checkpoint, epochs.entries());
  if (!written) return fail(written.error());
  return {};
}

const Segment& Log::State::segment_with(Offset offset) const {
  if (offset >= segments.back().base()) return segments.back();
  const auto above = std::upper_bound(segments.begin(), segments.end(), offset,
                                      [](Offset wanted, const Segment& segment) { return wanted < segment.base(); });
  return *std::prev(above);
}

Log::Log(std::unique_ptr<State> state) : state_(std::move(state)) {}
Log::Log(Log&&) noexcept = default;
Log& Log::operator=(Log&&) noexcept = default;
Log::~Log() = default;

Result<Log, DiskError> Log::open(Disk& disk, std::string directory, LogConfig config, LogCheckpoints checkpoints) {
  Log log(std::make_unique<State>(disk, std::move(directory), config));
  if (const auto recovered = log.state_->recover(checkpoints); !recovered) return failure(recovered.error());
  // Its batches were lost, and what is left was deleted before.
  if (log.end() < log.start()) {
    if (const auto reset = log.reset_to(log.start()); !reset) return failure(reset.error());
  }
  return log;
}

Offset Log::start() const { return state_->log_start; }
Offset Log::end() const { return state_->end(); }
std::uint64_t Log::cut_at_open() const { return state_->cut_at_open; }
Offset Log::flushed_end() const { return state_->flushed_end; }
bool Log::failed() const { return state_->failed; }
const LeaderEpochs& Log::epochs() const { return state_->epochs; }
const ProducerStates& Log::producer_states() const { return state_->producers; }

Result<Offset, DiskError> Log::append(const RecordBatch& batch, LeaderEpoch epoch) {
  if (const auto can = state_->changeable(); !can) return failure(can.error());
  BatchHeader header = batch.header();
  header.base_offset = end();
  header.leader_epoch = epoch;
  Slice prefix = protocol::leader_prefix(batch.header(), header.base_offset, epoch);
  const Slice rest = batch.bytes().from(prefix.size());
  Bytes bytes(std::move(prefix));
  bytes.append(rest);
  if (const auto appended = state_->append(bytes, header); !appended) return failure(appended.error());
  return header.base_offset;
}

Result<void, DiskError> Log::append_replicated(const RecordBatch& batch) {
  if (const auto can = state_->changeable(); !can) return can;
  return state_->append(batch.bytes(), batch.header());
}

Result<LogRead, DiskError> Log::read(Offset from, Offset upper, std::size_t max_bytes, bool at_least_one) const {
  CHECK(start() <= from && from <= end());
  upper = std::min(upper, end());
  if (from >= upper) return LogRead{{}, from, from};
  return state_->segment_with(from).read(from, upper, max_bytes, at_least_one);
}

Result<std::optional<Log::Found>, DiskError> Log::find_time(std::int64_t timestamp, Offset upper) const {
  for (const Segment& segment : state_->segments) {
    if (segment.base() >= upper) break;
    auto found = segment.find_time(timestamp, start(), upper);
    if (!found || found->has_value()) return found;
  }
  return std::optional<Found>{};
}

Result<void, DiskError> Log::advance_start(Offset offset) {
  CHECK(offset <= end());
  if (offset <= start()) return {};
  if (const auto can = state_->changeable(); !can) return can;
  state_->log_start = offset;
  const auto first_before = state_->epochs.first();
  state_->epochs.trim_to(offset);
  return state_->epochs.first() == first_before ? Result<void, DiskError>{} : state_->write_epochs();
}

std::int64_t Log::max_timestamp() const {
  std::int64_t largest = -1;
  for (const Segment& segment : state_->segments) largest = std::max(largest, segment.max_timestamp());
  return largest;
}

Offset Log::segment_base(Offset offset) const { return state_->segment_with(offset).base(); }

Result<void, DiskError> Log::truncate_to(Offset offset) {
  State& state = *state_;
  if (offset < state.segments.front().base()) return reset_to(offset);
  if (const auto can = state.changeable(); !can) return can;
  const Offset old_end = end();
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
    if (const auto replayed = state.replay(); !replayed) return state.fail(replayed.error());
  }
  return state.epochs.entries().size() < known_epochs ? state.write_epochs() : Result<void, DiskError>{};
}

// The new segment is durable before the last old one goes; until then recovery takes it for unconnected. So a crash leaves the old
// log, maybe shorter, or the new one.
Result<void, DiskError> Log::reset_to(Offset offset) {
  State& state = *state_;
  if (const auto can = state.changeable(); !can) return can;
  while (state.segments.size() > 1) {
    if (const auto removed = state.remove_segment(); !removed) return state.fail(removed.error());
  }
  if (const auto emptied = state.active().truncate_to(state.active().base()); !emptied) return state.fail(emptied.error());
  state.epochs.clear();
  state.producers.clear();
  state.log_start = offset;
  state.flushed_end = offset;

  if (offset != state.active().base()) {
    auto fresh = Segment::open(state.disk, state.directory, offset, state.config.index_interval_bytes);
    if (!fresh) return state.fail(fresh.error());
    if (const auto flushed = fresh->flush(); !flushed) return state.fail(flushed.error());
    if (const auto removed = state.disk.remove(state.active().path()); !removed) return state.fail(removed.error());
    state.active() = std::move(*fresh);
  }
  if (const auto flushed = state.flush(); !flushed) return flushed;
  return state.write_epochs();
}

std::uint64_t Log::size() const {
  std::uint64_t bytes = 0;
  for (const Segment& segment : state_->segments) bytes += segment.size();
  return bytes;
}

void Log::configure(const LogConfig& config) { state_->config = config; }

void Log::forget_producers_before(std::int64_t timestamp) { state_->producers.forget_before(timestamp); }

Result<void, DiskError> Log::flush() {
  if (const auto can = state_->changeable(); !can) return can;
  return state_->flush();
}

Result<void, DiskError> Log::assign_epoch(LeaderEpoch epoch) {
  if (const auto can = state_->changeable(); !can) return can;
  if (epoch <= epochs().latest()) return {};
  if (active(Mutant::lose_producer_states)) state_->producers.clear();
  state_->epochs.assign(epoch, end());
  return state_->write_epochs();
}

}  // namespace acklab::storage
