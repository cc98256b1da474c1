#include "storage/log_cleaner.h"

#include <algorithm>

#include "protocol/records/record_batch.h"
#include "protocol/records/rewrite.h"

namespace acklab::storage {

using protocol::failure;
using Meaning = CleanedTransactions::Meaning;

namespace {

DiskError unreadable(const protocol::DecodeError& error) {
  return {DiskFault::malformed, "a batch cannot be compacted: " + error.message()};
}

}  // namespace

LogCleaner::LogCleaner(Log& log, const CleaningPlan& plan, const CompactionRules& rules, std::size_t dedupe_bytes)
    : log_(log),
      upper_(plan.upper),
      rules_(rules),
      latest_(dedupe_bytes),
      sealed_version_(log.sealed_version()),
      at_(std::max(plan.first_dirty, log.start())) {
  transactions_ = CleanedTransactions(log.aborted_transactions(at_, upper_));
}

Result<LogCleaner::Progress, DiskError> LogCleaner::step(std::size_t bytes) {
  if (log_.sealed_version() != sealed_version_) return Progress::abandoned;
  if (!copying_) {
    if (const auto noted = note_keys(bytes); !noted) return failure(noted.error());
  } else if (const auto copied = copy(bytes); !copied) {
    return failure(copied.error());
  }
  return copying_ && runs_.empty() ? Progress::done : Progress::going_on;
}

Result<void, DiskError> LogCleaner::note_keys(std::size_t bytes) {
  const auto read = log_.read(at_, upper_, bytes, true);
  if (!read) return failure(read.error());
  const auto batches = protocol::split_batches(read->records);
  if (!batches) return failure(unreadable(batches.error()));
  bool full = false;
  for (const RecordBatch& batch : *batches) {
    if (transactions_.meet(batch).meaning == Meaning::aborted) {
      latest_.pass(batch);
      continue;
    }
    const auto noted = latest_.note(batch);
    if (!noted) return failure(unreadable(noted.error()));
    full = !*noted;
    if (full) break;
  }
  at_ = std::max(at_, read->next_offset);
  return full || batches->empty() || at_ >= upper_ ? begin_copying() : Result<void, DiskError>{};
}

Result<void, DiskError> LogCleaner::begin_copying() {
  copying_ = true;
  const auto segments = log_.segment_outlines();
  if (!segments) return failure(segments.error());
  transactions_ = CleanedTransactions(log_.aborted_transactions(segments->front().base, upper_));
  runs_ = segments_to_merge(*segments, std::min(latest_.end(), upper_), log_.config().segment_bytes);
  std::reverse(runs_.begin(), runs_.end());
  return begin_run();
}

Result<void, DiskError> LogCleaner::begin_run() {
  if (runs_.empty()) return {};
  const auto segments = log_.segment_outlines();
  if (!segments) return failure(segments.error());
  at_ = (*segments)[segment_].base;
  run_end_ = (*segments)[segment_ + runs_.back()].base;
  auto draft = log_.begin_segment(at_);
  if (!draft) return failure(draft.error());
  draft_ = *std::move(draft);
  return {};
}

Result<void, DiskError> LogCleaner::copy(std::size_t bytes) {
  const auto read = log_.read_stored(at_, run_end_, bytes);
  if (!read) return failure(read.error());
  const auto batches = protocol::split_batches(read->records);
  if (!batches) return failure(unreadable(batches.error()));
  for (const RecordBatch& batch : *batches) {
    const CleanedTransactions::Met met = transactions_.meet(batch);
    const auto kept = compacted(batch, latest_, log_.producer_states(), rules_, counts_, met.meaning);
    if (!kept) return failure(unreadable(kept.error()));
    last_ = batch.header();
    if (!*kept) continue;
    const auto again = RecordBatch::first(**kept);
    if (!again) return failure(unreadable(again.error()));
    if (const auto appended = draft_->append(**kept, again->header()); !appended) return appended;
    if (met.ended) draft_->note_aborted(*met.ended);
  }
  at_ = std::max(at_, read->next_offset);
  return batches->empty() || at_ >= run_end_ ? end_run() : Result<void, DiskError>{};
}

// No segment is ever without a batch: of one of which nothing stays the last batch stays, without its records. An empty segment would look
// like one that a log was about to begin again with (Log::reset_to()), and its offsets be forgotten.
Result<void, DiskError> LogCleaner::end_run() {
  if (draft_->size() == 0 && last_) {
    const Slice empty = protocol::rewritten(*last_, {});
    if (const auto appended = draft_->append(empty, RecordBatch::first(empty).value().header()); !appended) return appended;
  }
  last_.reset();
  if (const auto finished = draft_->finish(); !finished) return finished;
  if (const auto replaced = log_.replace_segments(segment_, runs_.back(), *draft_); !replaced) return replaced;
  sealed_version_ = log_.sealed_version();
  draft_.reset();
  runs_.pop_back();
  ++segment_;
  return begin_run();
}

}  // namespace acklab::storage
