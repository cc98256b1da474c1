// The keys that only brokers and the controller have.
#include <algorithm>
#include <iterator>

#include "broker/config_values.h"

namespace acklab::broker {

namespace {

using B = BrokerConfig;

template <auto member, std::int64_t low, std::int64_t high = INT64_MAX>
constexpr auto integer = config_values::integer<B, member, low, high>;
template <auto member>
constexpr auto milliseconds = config_values::milliseconds<B, member>;
template <auto member>
constexpr auto boolean = config_values::boolean<B, member>;

const BrokerKey table[] = {
    {.name = "auto.create.topics.enable",
     .meaning = "Whether a topic that a client asks about, and that does not exist, is created.",
     .values = boolean<&B::auto_create_topics>()},
    {.name = "broker.heartbeat.interval.ms",
     .meaning = "How often a broker tells the controller that it lives.",
     .values = milliseconds<&B::heartbeat_interval>()},
    {.name = "broker.session.timeout.ms",
     .meaning = "A broker that was not heard for so long is fenced: others lead instead of it.",
     .values = milliseconds<&B::session_timeout>()},
    {.name = "default.replication.factor",
     .meaning = "The replicas of a topic whose creator leaves that to the brokers.",
     .values = integer<&B::default_replication_factor, 1>()},
    {.name = "delete.topic.enable", .meaning = "Whether topics may be deleted.", .values = boolean<&B::delete_topics>()},
    {.name = "fetch.max.bytes",
     .meaning = "The most that a Fetch is answered with, whatever it asks for.",
     .values = integer<&B::fetch_max_bytes, 1024>()},
    {.name = "log.cleaner.backoff.ms",
     .meaning = "How long compaction waits when there was nothing to compact.",
     .values = milliseconds<&B::cleaner_backoff>(),
     .update = Update::at_any_time},
    {.name = "log.cleaner.dedupe.buffer.size",
     .meaning = "The memory in which compaction notes the last offset of each key; what does not fit waits for the next round.",
     .values = integer<&B::cleaner_dedupe_buffer_bytes, 24>(),
     .update = Update::at_any_time},
    {.name = "log.cleaner.enable", .meaning = "Whether logs are compacted at all.", .values = boolean<&B::cleaner>()},
    {.name = "log.flush.offset.checkpoint.interval.ms",
     .meaning = "How often a broker writes down how far each log is flushed; recovery begins there.",
     .values = milliseconds<&B::recovery_point_checkpoint_interval>()},
    {.name = "log.flush.scheduler.interval.ms",
     .meaning = "How often logs are looked at for records that flush.ms wants on the disk. By default never: then flush.ms does "
                "nothing.",
     .values = milliseconds<&B::flush_check_interval>()},
    {.name = "log.flush.start.offset.checkpoint.interval.ms",
     .meaning = "How often a broker writes down where each log begins.",
     .values = milliseconds<&B::log_start_checkpoint_interval>()},
    {.name = "log.retention.check.interval.ms",
     .meaning = "How often logs are looked at for segments that are to be deleted.",
     .values = milliseconds<&B::retention_check_interval>()},
    {.name = "max.incremental.fetch.session.cache.slots",
     .meaning = "How many Fetch sessions a broker keeps. 0: none.",
     .values = integer<&B::fetch_session_slots, 0>()},
    {.name = "num.partitions",
     .meaning = "The partitions of a topic whose creator leaves that to the brokers.",
     .values = integer<&B::num_partitions, 1, max_partitions_per_topic>()},
    {.name = "producer.id.expiration.check.interval.ms",
     .meaning = "How often idempotent producers that are silent for too long are looked for.",
     .values = milliseconds<&B::producer_id_expiration_check_interval>()},
    {.name = "producer.id.expiration.ms",
     .meaning = "What is known of an idempotent producer is forgotten when its last batch is so old.",
     .values = milliseconds<&B::producer_id_expiration>(),
     .update = Update::at_any_time},
    {.name = "replica.fetch.backoff.ms",
     .meaning = "How long a follower waits before it asks again for a partition that was refused.",
     .values = milliseconds<&B::replica_fetch_backoff>()},
    {.name = "replica.fetch.max.bytes",
     .meaning = "The most of one partition that a follower asks for at once.",
     .values = integer<&B::replica_fetch_max_bytes, 0>()},
    {.name = "replica.fetch.min.bytes",
     .meaning = "A follower's Fetch waits until there is so much, or replica.fetch.wait.max.ms have passed.",
     .values = integer<&B::replica_fetch_min_bytes, 0>()},
    {.name = "replica.fetch.wait.max.ms",
     .meaning = "How long a follower's Fetch may wait for records.",
     .values = milliseconds<&B::replica_fetch_wait_max>()},
    {.name = "replica.high.watermark.checkpoint.interval.ms",
     .meaning = "How often a broker writes down how far its replicas are committed.",
     .values = milliseconds<&B::high_watermark_checkpoint_interval>()},
    {.name = "replica.lag.time.max.ms",
     .meaning = "A follower that was not caught up for so long leaves the in-sync replicas.",
     .values = milliseconds<&B::replica_lag_time_max>()},
    {.name = "socket.request.max.bytes",
     .meaning = "A larger request closes its connection.",
     .values = integer<&B::socket_request_max_bytes, 1>()},
};

}  // namespace

std::span<const BrokerKey> broker_keys() { return table; }

const BrokerKey* find_broker_key(std::string_view name) {
  const auto found = std::ranges::lower_bound(table, name, {}, &BrokerKey::name);
  return found != std::end(table) && found->name == name ? &*found : nullptr;
}

}  // namespace acklab::broker
