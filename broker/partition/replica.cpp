#include "broker/partition/replica.h"

#include <algorithm>
#include <utility>

namespace acklab::broker {

using protocol::Entry;
using protocol::Event;
using protocol::failure;
using protocol::LeaderEpoch;
using protocol::Offset;
using protocol::RecordBatch;
using protocol::Result;
using storage::DiskError;

Entry entry_of(Event event, const PartitionKey& key, const protocol::BatchHeader& batch, const BatchOrigin& origin) {
  return {.event = event,
          .topic = key.topic,
          .partition = key.partition,
          .count = batch.records_count,
          .producer = batch.producer_id,
          .producer_epoch = batch.producer_epoch,
          .sequence = batch.base_sequence,
          .connection = origin.connection,
          .correlation = origin.correlation};
}

Replica::Replica(protocol::Runtime& runtime, protocol::TopicPartition name, storage::Log log, Offset high_watermark)
    : runtime_(runtime),
      name_(std::move(name)),
      key_{runtime.topic_number(name_.topic), name_.partition},
      log_(std::move(log)),
      high_watermark_(std::clamp(high_watermark, log_.start(), log_.end())),
      last_flush_(runtime.now()) {
  log_.high_watermark_moved(high_watermark_);
  runtime_.note({.event = Event::recovered,
                 .topic = key_.topic,
                 .partition = key_.partition,
                 .offset = log_.end(),
                 .count = static_cast<std::int64_t>(log_.recovery().bytes_cut)});
}

Result<Offset, DiskError> Replica::append(const RecordBatch& batch, LeaderEpoch epoch, const BatchOrigin& origin) {
  const Offset flushed_before = log_.flushed_end();
  auto base = log_.append(batch, epoch);
  if (!base) return base;
  Entry entry = entry_of(Event::appended, key_, batch.header(), origin);
  entry.epoch = epoch;
  entry.offset = *base;
  runtime_.note(entry);
  note_flush(flushed_before);
  return base;
}

Result<void, DiskError> Replica::begin_epoch(LeaderEpoch epoch) { return log_.assign_epoch(epoch); }

Result<void, DiskError> Replica::replicate(const RecordBatch& batch, protocol::NodeId leader) {
  const Offset flushed_before = log_.flushed_end();
  if (auto appended = log_.append_replicated(batch); !appended) return appended;
  runtime_.note({.event = Event::replicated,
                 .topic = key_.topic,
                 .partition = key_.partition,
                 .epoch = batch.header().leader_epoch,
                 .offset = batch.header().base_offset,
                 .count = batch.header().records_count,
                 .peer = leader});
  note_flush(flushed_before);
  return {};
}

Result<void, DiskError> Replica::truncate_to(Offset offset, LeaderEpoch epoch) {
  const Offset end_before = log_.end();
  // At the very end there may still be an epoch to drop, in which this replica led and appended nothing.
  if (offset > end_before) return {};
  if (auto truncated = log_.truncate_to(offset); !truncated) return truncated;
  note_cut(end_before, epoch);
  return {};
}

Result<void, DiskError> Replica::start_again_at(Offset offset, LeaderEpoch epoch) {
  const Offset end_before = log_.end();
  const Offset start_before = log_.start();
  if (auto reset = log_.reset_to(offset); !reset) return reset;
  note_cut(end_before, epoch);
  note_start(start_before, protocol::Cause::delete_records);
  return {};
}

Result<bool, DiskError> Replica::advance_start(Offset offset) {
  const Offset before = log_.start();
  if (const auto advanced = log_.advance_start(std::min(offset, high_watermark_)); !advanced) return failure(advanced.error());
  note_start(before, protocol::Cause::delete_records);
  return log_.start() > before;
}

std::optional<storage::CleaningPlan> Replica::cleaning_due(std::optional<Offset> cleaned_to,
                                                           const storage::CleaningRules& rules) const {
  const auto segments = log_.segment_outlines();
  if (!segments) return std::nullopt;  // a disk that cannot be read makes itself heard elsewhere
  return storage::cleaning_due(*segments, cleaned_to, last_stable_offset(), rules);
}

void Replica::begin_cleaning(const storage::CleaningPlan& plan, const storage::CompactionRules& rules, std::size_t dedupe_bytes) {
  cleaner_.emplace(log_, plan, rules, dedupe_bytes);
  removed_by_cleaner_ = 0;
}

Result<Replica::Cleaned, DiskError> Replica::clean(std::size_t bytes) {
  using Progress = storage::LogCleaner::Progress;
  if (!cleaner_) return Cleaned{.progress = Progress::abandoned};
  const std::uint64_t version_before = log_.sealed_version();
  const auto progress = cleaner_->step(bytes);
  const Offset to = cleaner_->cleaned_to();
  if (log_.sealed_version() != version_before) note_cleaning();
  if (!progress || *progress != Progress::going_on) cleaner_.reset();
  if (!progress) return failure(progress.error());
  return Cleaned{*progress, to};
}

Result<int, DiskError> Replica::delete_old_segments() {
  const Offset start_before = log_.start();
  auto deleted = log_.delete_old_segments(high_watermark_, runtime_.wall_now().milliseconds);
  note_start(start_before, protocol::Cause::retention);
  return deleted;
}

Result<void, DiskError> Replica::close() {
  const Offset flushed_before = log_.flushed_end();
  if (auto closed = log_.close(); !closed) return closed;
  note_flush(flushed_before);
  return {};
}

Result<void, DiskError> Replica::flush() {
  const Offset flushed_before = log_.flushed_end();
  if (auto flushed = log_.flush(); !flushed) return flushed;
  note_flush(flushed_before);
  return {};
}

bool Replica::move_high_watermark(Offset offset, LeaderEpoch epoch) {
  const Offset bounded = std::clamp(offset, log_.start(), log_.end());
  if (bounded == high_watermark_) return false;
  const std::int64_t moved = bounded - high_watermark_;
  high_watermark_ = bounded;
  log_.high_watermark_moved(bounded);
  runtime_.note({.event = Event::high_watermark,
                 .topic = key_.topic,
                 .partition = key_.partition,
                 .epoch = epoch,
                 .offset = bounded,
                 .count = moved});
  return true;
}

void Replica::note_flush(Offset flushed_before) {
  if (log_.flushed_end() <= flushed_before) return;
  last_flush_ = runtime_.now();
  runtime_.note({.event = Event::flushed, .topic = key_.topic, .partition = key_.partition, .offset = log_.flushed_end()});
}

// For each run of segments that was replaced: what it holds now may be fetched at once.
void Replica::note_cleaning() {
  const storage::CompactionCounts counts = cleaner_->counts();
  const std::int64_t removed = counts.read - counts.kept;
  runtime_.note({.event = Event::compacted,
                 .topic = key_.topic,
                 .partition = key_.partition,
                 .offset = cleaner_->cleaned_to(),
                 .count = removed - removed_by_cleaner_});
  removed_by_cleaner_ = removed;
}

void Replica::note_start(Offset start_before, protocol::Cause cause) {
  if (log_.start() == start_before) return;
  runtime_.note({.event = Event::start_moved,
                 .cause = cause,
                 .topic = key_.topic,
                 .partition = key_.partition,
                 .offset = log_.start(),
                 .count = log_.start() - start_before});
}

// What was committed and is gone with a power loss stays gone: the high watermark cannot stand above the log's end.
void Replica::note_cut(Offset end_before, LeaderEpoch epoch) {
  if (log_.end() == end_before) return;
  high_watermark_ = std::clamp(high_watermark_, log_.start(), log_.end());
  runtime_.note({.event = Event::truncated,
                 .topic = key_.topic,
                 .partition = key_.partition,
                 .epoch = epoch,
                 .offset = log_.end(),
                 .count = std::max<std::int64_t>(end_before - log_.end(), 0)});
}

}  // namespace acklab::broker
