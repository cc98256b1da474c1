#include "broker/partition/cleaning.h"

#include <utility>

namespace acklab::broker {

using protocol::Offset;
using storage::CleaningPlan;
using storage::LogCleaner;

namespace {

storage::CleaningRules when_of(const TopicConfig& topic, std::int64_t now) {
  return {.min_cleanable_dirty_ratio = topic.min_cleanable_dirty_ratio,
          .min_compaction_lag_ms = topic.min_compaction_lag.count(),
          .max_compaction_lag_ms = topic.max_compaction_lag.count(),
          .now = now};
}

}  // namespace

Cleaning::Cleaning(protocol::Runtime& runtime, storage::Disk& disk, const BrokerConfig& config, Owner owner)
    : runtime_(runtime), disk_(disk), config_(config), owner_(std::move(owner)) {
  if (auto offsets = storage::read_offsets(disk_, storage::cleaner_offset_checkpoint)) cleaned_to_ = *std::move(offsets);
}

void Cleaning::wanted() {
  if (config_.cleaner && !timer_) look_later();
}

void Cleaning::look_later() {
  timer_ = runtime_.after(config_.cleaner_backoff, [this] { look(); });
}

// The log with most that is dirty, of those that are due.
void Cleaning::look() {
  const std::int64_t now = runtime_.wall_now().milliseconds;
  Partition* dirtiest = nullptr;
  std::optional<CleaningPlan> best;
  for (Partition* partition : owner_.partitions()) {
    const TopicConfig& topic = partition->config();
    if (!topic.cleanup_policy.compacts) continue;
    const auto plan = partition->replica().cleaning_due(cleaned_to(*partition), when_of(topic, now));
    if (!plan || (best && plan->dirty_ratio <= best->dirty_ratio)) continue;
    dirtiest = partition;
    best = plan;
  }
  if (!dirtiest) return look_later();
  at_work_ = dirtiest->key();
  dirtiest->begin_cleaning(*best, {.now = now, .delete_retention_ms = dirtiest->config().delete_retention.count()},
                           static_cast<std::size_t>(config_.cleaner_dedupe_buffer_bytes));
  step_later();
}

void Cleaning::step_later() {
  timer_ = runtime_.after(protocol::Duration::zero(), [this] { step(); });
}

void Cleaning::step() {
  Partition* const partition = owner_.find(*at_work_);
  if (!partition) return look_later();
  const auto cleaned = partition->clean(bytes_a_turn);
  if (!cleaned) {
    owner_.log(to_string(partition->name()) + " cannot be compacted: " + cleaned.error().what);
    return look_later();
  }
  if (cleaned->progress == LogCleaner::Progress::going_on) return step_later();
  if (cleaned->progress == LogCleaner::Progress::done) finished(*partition, cleaned->to);
  look_later();
}

void Cleaning::finished(Partition& partition, Offset cleaned_to) {
  cleaned_to_[partition.name()] = cleaned_to;
  // Losing it costs one cleaning and nothing else.
  static_cast<void>(storage::write_offsets(disk_, storage::cleaner_offset_checkpoint, cleaned_to_));
}

std::optional<Offset> Cleaning::cleaned_to(const Partition& partition) const {
  const auto found = cleaned_to_.find(partition.name());
  return found == cleaned_to_.end() ? std::nullopt : std::optional(found->second);
}

}  // namespace acklab::broker
