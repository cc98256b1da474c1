// The keys that topics have.
#include <algorithm>
#include <iterator>

#include "broker/config_values.h"

namespace acklab::broker {

namespace {

using T = TopicConfig;
using std::chrono::hours;
using std::chrono::minutes;

template <auto member, std::int64_t low, std::int64_t high = INT64_MAX>
constexpr auto integer = config_values::integer<T, member, low, high>;
template <auto member, std::int64_t low>
constexpr auto milliseconds = config_values::milliseconds<T, member, low>;
template <auto member>
constexpr auto boolean = config_values::boolean<T, member>;

const TopicKey table[] = {
    {.name = "cleanup.policy",
     .broker_names = {{{"log.cleanup.policy"}}},
     .meaning = "What becomes of old segments: delete drops them by age and size, compact keeps the last record of each key.",
     .values = cleanup_policy_values()},
    {.name = "compression.gzip.level",
     .broker_names = {{{"compression.gzip.level"}}},
     .meaning = "How hard gzip tries, if it is the compression.type.",
     .values = gzip_level_values()},
    {.name = "compression.lz4.level",
     .broker_names = {{{"compression.lz4.level"}}},
     .meaning = "How hard lz4 tries, if it is the compression.type.",
     .values = integer<&T::lz4_level, 1, 17>()},
    {.name = "compression.type",
     .broker_names = {{{"compression.type"}}},
     .meaning = "The codec that batches are stored with. producer: as they came; any other is made so by the leader.",
     .values = compression_values()},
    {.name = "compression.zstd.level",
     .broker_names = {{{"compression.zstd.level"}}},
     .meaning = "How hard zstd tries, if it is the compression.type; below 0 it is faster than fast.",
     .values = integer<&T::zstd_level, -131072, 22>()},
    {.name = "delete.retention.ms",
     .broker_names = {{{"log.cleaner.delete.retention.ms"}}},
     .meaning = "How long compaction keeps a tombstone, so that whoever reads from the beginning in that time sees it.",
     .values = milliseconds<&T::delete_retention, 0>()},
    {.name = "file.delete.delay.ms",
     .broker_names = {{{"log.segment.delete.delay.ms"}}},
     .meaning = "How long the files of a segment or partition that is gone still lie on the disk.",
     .values = milliseconds<&T::file_delete_delay, 0>()},
    {.name = "flush.messages",
     .broker_names = {{{"log.flush.interval.messages"}}},
     .meaning = "A log is flushed when so many records were written since the last time. 1: after every batch.",
     .values = integer<&T::flush_messages, 1>()},
    {.name = "flush.ms",
     .broker_names = {{{"log.flush.interval.ms"}, {"log.flush.scheduler.interval.ms"}}},
     .meaning = "A log is flushed when its oldest unflushed record is so old.",
     .values = milliseconds<&T::flush_time, 0>()},
    {.name = "index.interval.bytes",
     .broker_names = {{{"log.index.interval.bytes"}}},
     .meaning = "An index has an entry for every so many bytes of the log: fewer read better and take more room.",
     .values = integer<&T::index_interval_bytes, 0>()},
    {.name = "max.compaction.lag.ms",
     .broker_names = {{{"log.cleaner.max.compaction.lag.ms"}}},
     .meaning = "A record is compacted when it is so old, however little of the log is dirty.",
     .values = milliseconds<&T::max_compaction_lag, 1>()},
    {.name = "max.message.bytes",
     .broker_names = {{{"message.max.bytes"}}},
     .meaning = "The largest batch that a producer may send, compressed if it is, with its header.",
     .values = integer<&T::max_message_bytes, 0>()},
    {.name = "message.timestamp.after.max.ms",
     .broker_names = {{{"log.message.timestamp.after.max.ms"}}},
     .meaning = "How far a record's timestamp may be in the broker's future, if it is the producer's.",
     .values = milliseconds<&T::timestamp_after_max, 0>()},
    {.name = "message.timestamp.before.max.ms",
     .broker_names = {{{"log.message.timestamp.before.max.ms"}}},
     .meaning = "How far a record's timestamp may be in the broker's past, if it is the producer's.",
     .values = milliseconds<&T::timestamp_before_max, 0>()},
    {.name = "message.timestamp.type",
     .broker_names = {{{"log.message.timestamp.type"}}},
     .meaning = "Whose time a record bears: CreateTime its producer's, LogAppendTime the leader's when it appended it.",
     .values = timestamp_type_values()},
    {.name = "min.cleanable.dirty.ratio",
     .broker_names = {{{"log.cleaner.min.cleanable.ratio"}}},
     .meaning = "A log is compacted when so much of it was written since the last time.",
     .values = dirty_ratio_values()},
    {.name = "min.compaction.lag.ms",
     .broker_names = {{{"log.cleaner.min.compaction.lag.ms"}}},
     .meaning = "A record is not compacted before it is so old.",
     .values = milliseconds<&T::min_compaction_lag, 0>()},
    {.name = "min.insync.replicas",
     .broker_names = {{{"min.insync.replicas"}}},
     .meaning = "How many replicas must be in sync for acks=all to be taken, and to be kept: with fewer nothing is committed.",
     .values = integer<&T::min_insync_replicas, 1>()},
    {.name = "retention.bytes",
     .broker_names = {{{"log.retention.bytes"}}},
     .meaning = "Old segments of a partition are deleted while what is left is at least so large. -1: never for their size.",
     .values = integer<&T::retention_bytes, -1>()},
    {.name = "retention.ms",
     .broker_names = {{{"log.retention.ms"}, {"log.retention.minutes", minutes(1)}, {"log.retention.hours", hours(1)}}},
     .meaning = "A segment is deleted when its newest record is so old. -1: never for its age.",
     .values = milliseconds<&T::retention, -1>()},
    {.name = "segment.bytes",
     .broker_names = {{{"log.segment.bytes"}}},
     .meaning = "How large a segment grows before the next one begins. No batch may be larger.",
     .values = integer<&T::segment_bytes, 14>()},
    {.name = "segment.index.bytes",
     .broker_names = {{{"log.index.size.max.bytes"}}},
     .meaning = "How large the index of a segment grows before the next segment begins.",
     .values = integer<&T::index_bytes, 4>()},
    {.name = "segment.jitter.ms",
     .broker_names = {{{"log.roll.jitter.ms"}, {"log.roll.jitter.hours", hours(1)}}},
     .meaning = "A random time of at most so much by which segment.ms is cut short, so that not all segments end at once.",
     .values = milliseconds<&T::segment_jitter, 0>()},
    {.name = "segment.ms",
     .broker_names = {{{"log.roll.ms"}, {"log.roll.hours", hours(1)}}},
     .meaning = "How old a segment grows before the next one begins, though it is not full.",
     .values = milliseconds<&T::segment_time, 1>()},
    {.name = "unclean.leader.election.enable",
     .broker_names = {{{"unclean.leader.election.enable"}}},
     .meaning = "Whether a replica that was not in sync may lead when no other can: rather lose records than wait.",
     .values = boolean<&T::unclean_leader_election>()},
};

}  // namespace

std::span<const TopicKey> topic_keys() { return table; }

const TopicKey* find_topic_key(std::string_view name) {
  const auto found = std::ranges::lower_bound(table, name, {}, &TopicKey::name);
  return found != std::end(table) && found->name == name ? &*found : nullptr;
}

NamedDefault find_default(std::string_view broker_name) {
  for (const TopicKey& key : table) {
    for (std::size_t rank = 0; rank < key.broker_names.size(); ++rank) {
      if (!broker_name.empty() && key.broker_names[rank].name == broker_name) return {&key, rank};
    }
  }
  return {};
}

}  // namespace acklab::broker
