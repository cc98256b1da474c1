// The table of settings.
#include <algorithm>

#include "producer/setting.h"
#include "producer/setting_translations.h"
#include "producer/setting_values.h"
#include "protocol/nearest.h"

namespace acklab::producer {
namespace {

using C = ProducerConfig;

const Setting table[] = {
    {.key = "acklab.unsafe.first.sequence",
     .meaning = "For experiments only: the first sequence of every partition in the producer's first epoch.",
     .values = number<&C::first_sequence, 0, int32_max>()},
    {.key = unsafe_variant_key,
     .meaning = "For experiments only: a producer that breaks one rule on purpose (producer/unsafe_variant.h).",
     .values = unsafe_variant_values()},
    {.key = "acks",
     .meaning =
         "How many must have a batch before it counts as sent: 0 nobody is asked, 1 its leader, all every in-sync replica, of "
         "which there must be min.insync.replicas.",
     .values = acks_values(),
     .librdkafka = {{{"acks", "-1"}, {"request.required.acks", "-1"}}},
     .sarama = {{{"Producer.RequiredAcks", "WaitForLocal", from_sarama_acks}}}},
    {.key = "batch.num.messages",
     .meaning = "No batch has more records. librdkafka's and sarama's; Kafka counts bytes only. 0: no such limit.",
     .values = number<&C::batch_num_messages, 0, int32_max>("records"),
     .librdkafka = {{{"batch.num.messages", "10000"}}},
     .sarama = {{{"Producer.Flush.MaxMessages", "0"}}}},
    {.key = "batch.ready.bytes",
     .meaning =
         "A trigger, as in sarama: a batch that has so many bytes leaves at once, and what comes before it is gone leaves with "
         "it. 0: none. Beside a trigger linger.ms=0, its default then, means that no time is one. For each partition here; "
         "sarama counts what waits for a broker.",
     .values = bytes<&C::ready_bytes, 0, int32_max>(),
     .sarama = {{{"Producer.Flush.Bytes", "0"}}}},
    {.key = "batch.ready.messages",
     .meaning = "A trigger as batch.ready.bytes is: a batch that has so many records leaves at once. 0: none.",
     .values = number<&C::ready_messages, 0, int32_max>("records"),
     .sarama = {{{"Producer.Flush.Messages", "0"}}}},
    {.key = "batch.size",
     .meaning =
         "No batch is larger, uncompressed, unless a single record is; a batch of that size leaves at once. 0: a record each.",
     .values = bytes<&C::batch_size, 0, int32_max>(),
     .librdkafka = {{{"batch.size", "1000000"}}}},
    {.key = "buffer.memory",
     .meaning = "What records may take while they wait to be sent and answered; further ones wait max.block.ms for room.",
     .values = bytes<&C::buffer_memory, 0, int64_max>(),
     .librdkafka = {{{"queue.buffering.max.kbytes", "1048576", from_kilobytes}}}},
    {.key = "client.id",
     .meaning = "What the producer calls itself, in the brokers' logs, quotas and metrics.",
     .values = client_id_values(),
     .librdkafka = {{{"client.id", "rdkafka"}}},
     .sarama = {{{"ClientID", "sarama"}}}},
    {.key = "compression.gzip.level",
     .meaning = "How hard gzip tries, if it is the compression.type.",
     .values = gzip_level_values(),
     .librdkafka = {{{"compression.level", "-1"}}},
     .sarama = {{{"Producer.CompressionLevel", "-1000"}}}},
    {.key = "compression.lz4.level",
     .meaning = "How hard lz4 tries, if it is the compression.type.",
     .values = number<&C::lz4_level, 1, 17>(),
     .librdkafka = {{{"compression.level", "-1"}}},
     .sarama = {{{"Producer.CompressionLevel", "-1000"}}}},
    {.key = "compression.type",
     .meaning = "The codec that batches are compressed with, each as a whole.",
     .values = codec_values(),
     .librdkafka = {{{"compression.type", "none"}, {"compression.codec", "none"}}},
     .sarama = {{{"Producer.Compression", "CompressionNone", from_sarama_codec}}}},
    {.key = "compression.zstd.level",
     .meaning = "How hard zstd tries, if it is the compression.type; below 0 it is faster than fast.",
     .values = number<&C::zstd_level, -131072, 22>(),
     .librdkafka = {{{"compression.level", "-1"}}},
     .sarama = {{{"Producer.CompressionLevel", "-1000"}}}},
    {.key = "connections.max.idle.ms",
     .meaning = "A connection that carried nothing for so long is closed.",
     .values = milliseconds<&C::connections_max_idle, int64_max>(),
     .librdkafka = {{{"connections.max.idle.ms", "0"}}}},
    {.key = "delivery.timeout.ms",
     .meaning =
         "A record has its outcome by then, counted from when its batch was opened. At least linger.ms + request.timeout.ms.",
     .values = milliseconds<&C::delivery_timeout, int32_max>(),
     .librdkafka = {{{"delivery.timeout.ms", "300000"}, {"message.timeout.ms", "300000"}}}},
    {.key = "enable.idempotence",
     .meaning =
         "Batches carry sequence numbers, so that a batch that is sent again is not appended again, and order is kept. Off by "
         "itself if acks, retries or in-flight forbid it and nobody asked for it.",
     .values = flag<&C::enable_idempotence>(),
     .librdkafka = {{{"enable.idempotence", "false"}}},
     .sarama = {{{"Producer.Idempotent", "false"}}}},
    {.key = "linger.ms",
     .meaning = "How long a batch that is not full waits for more records, counted from when it was opened.",
     .values = milliseconds<&C::linger, int64_max>(),
     .librdkafka = {{{"linger.ms", "5"}, {"queue.buffering.max.ms", "5"}}},
     .sarama = {{{"Producer.Flush.Frequency", "0", from_go_duration}}}},
    {.key = "max.block.ms",
     .meaning = "How long a record waits for its topic's partitions to be known and for room in buffer.memory; then it fails.",
     .values = milliseconds<&C::max_block, int64_max>()},
    {.key = "max.in.flight.requests.per.connection",
     .meaning =
         "Requests that may be unanswered at a time. Above 1, and without idempotence, retries can change the order; above 5 "
         "idempotence is impossible.",
     .values = number<&C::max_in_flight, 1, int32_max>("requests"),
     .librdkafka = {{{"max.in.flight.requests.per.connection", "1000000"}, {"max.in.flight", "1000000"}}},
     .sarama = {{{"Net.MaxOpenRequests", "5"}}}},
    {.key = "max.request.size",
     .meaning = "No request is larger, so no record may be.",
     .values = bytes<&C::max_request_size, 0, int32_max>(),
     .librdkafka = {{{"message.max.bytes", "1000000"}}},
     .sarama = {{{"Producer.MaxMessageBytes", "1000000"}}}},
    {.key = "metadata.max.age.ms",
     .meaning = "What is known of the cluster is asked for again after so long, even if nothing contradicts it.",
     .values = milliseconds<&C::metadata_max_age, int64_max>(),
     .librdkafka = {{{"topic.metadata.refresh.interval.ms", "300000"}, {"metadata.max.age.ms", "900000"}}},
     .sarama = {{{"Metadata.RefreshFrequency", "10m", from_go_duration}}}},
    {.key = "metadata.max.idle.ms",
     .meaning = "A topic that no record went to for so long is asked about no more, until one does.",
     .values = milliseconds<&C::metadata_max_idle, int64_max>()},
    {.key = "metrics.num.samples",
     .meaning = "Windows of metrics.sample.window.ms that a rate is taken over.",
     .values = number<&C::metrics_num_samples, 1, int32_max>("windows")},
    {.key = "metrics.sample.window.ms",
     .meaning = "The length of a window that metrics are sampled over.",
     .values = milliseconds<&C::metrics_sample_window, int64_max>()},
    {.key = "partitioner.adaptive.partitioning.enable",
     .meaning = "Records without a key go less often to partitions with long queues, so less to slow brokers (KIP-794).",
     .values = flag<&C::adaptive_partitioning>()},
    {.key = "partitioner.availability.timeout.ms",
     .meaning = "A broker that takes nothing for so long gets no records without a key until it does. 0: it gets them.",
     .values = milliseconds<&C::availability_timeout, int64_max>()},
    {.key = "partitioner.class",
     .meaning =
         "Who decides where a record goes that names no partition. built-in is Kafka's: murmur2 of the key, else sticky. "
         "librdkafka hashes with CRC-32 (consistent_random), sarama with FNV-1a (fnv1a_random); where another client's says "
         "random, records without a key are sticky here.",
     .values = partitioner_values(),
     .librdkafka = {{{"partitioner", "consistent_random"}}},
     .sarama = {{{"Producer.Partitioner", "NewHashPartitioner", from_sarama_partitioner}}}},
    {.key = "partitioner.ignore.keys",
     .meaning = "The built-in partitioner treats every record as one without a key.",
     .values = flag<&C::ignore_keys>()},
    {.key = "receive.buffer.bytes",
     .meaning = "The socket's buffer for what comes (SO_RCVBUF). -1: as the system has it. Taken and checked; nothing here goes "
                "by it yet.",
     .values = bytes<&C::receive_buffer, -1, int32_max>(),
     .librdkafka = {{{"socket.receive.buffer.bytes", "0"}}}},
    {.key = "reconnect.backoff.max.ms",
     .meaning = "The longest pause before a broker is connected to again; pauses double from reconnect.backoff.ms.",
     .values = milliseconds<&C::reconnect_backoff_max, int64_max>(),
     .librdkafka = {{{"reconnect.backoff.max.ms", "10000"}}}},
    {.key = "reconnect.backoff.ms",
     .meaning = "The first pause before a broker whose connection failed is connected to again.",
     .values = milliseconds<&C::reconnect_backoff, int64_max>(),
     .librdkafka = {{{"reconnect.backoff.ms", "100"}}}},
    {.key = "request.timeout.ms",
     .meaning =
         "A request that has no answer after so long has failed, though it may have been served. Also how long the broker waits "
         "for its replicas when acks=all. Other clients have a setting for each of the two.",
     .values = milliseconds<&C::request_timeout, int32_max>(),
     .librdkafka = {{{"request.timeout.ms", "30000"}, {"socket.timeout.ms", "60000"}}},
     .sarama = {{{"Producer.Timeout", "10s", from_go_duration},
                 {"Net.ReadTimeout", "30s", from_go_duration},
                 {"Net.WriteTimeout", "30s", from_go_duration}}}},
    {.key = "retries",
     .meaning = "How often a batch may be sent again; delivery.timeout.ms is the better limit.",
     .values = number<&C::retries, 0, int32_max>(),
     .librdkafka = {{{"retries", "2147483647"}, {"message.send.max.retries", "2147483647"}}},
     .sarama = {{{"Producer.Retry.Max", "3"}}}},
    {.key = "retry.backoff.max.ms",
     .meaning = "The longest pause before a batch is sent again; pauses double from retry.backoff.ms (KIP-580).",
     .values = milliseconds<&C::retry_backoff_max, int64_max>(),
     .librdkafka = {{{"retry.backoff.max.ms", "1000"}}}},
    {.key = "retry.backoff.ms",
     .meaning = "The first pause before a batch is sent again, give or take a fifth at random.",
     .values = milliseconds<&C::retry_backoff, int64_max>(),
     .librdkafka = {{{"retry.backoff.ms", "100"}}},
     .sarama = {{{"Producer.Retry.Backoff", "100ms", from_go_duration}}}},
    {.key = "send.buffer.bytes",
     .meaning = "The socket's buffer for what goes (SO_SNDBUF). -1: as the system has it. Taken and checked; nothing here goes "
                "by it yet.",
     .values = bytes<&C::send_buffer, -1, int32_max>(),
     .librdkafka = {{{"socket.send.buffer.bytes", "0"}}}},
    {.key = "socket.connection.setup.timeout.max.ms",
     .meaning = "The longest wait for a connection; waits double from socket.connection.setup.timeout.ms.",
     .values = milliseconds<&C::connection_setup_timeout_max, int64_max>()},
    {.key = "socket.connection.setup.timeout.ms",
     .meaning = "How long the first attempt to connect to a broker may take, give or take a fifth at random (KIP-601).",
     .values = milliseconds<&C::connection_setup_timeout, int64_max>(),
     .librdkafka = {{{"socket.connection.setup.timeout.ms", "30000"}}},
     .sarama = {{{"Net.DialTimeout", "30s", from_go_duration}}}},
};

}  // namespace

std::span<const Setting> producer_settings() { return table; }

std::vector<Named> settings_named(std::string_view name) {
  std::vector<Named> found;
  // Where two clients mean different settings by one name, Kafka's is meant.
  for (const Setting& setting : table) {
    if (setting.key == name) return {{&setting, nullptr}};
  }
  const auto look = [&](const Setting& setting, const auto& names) {
    for (const OtherName& other : names) {
      if (!name.empty() && other.name == name) found.push_back({&setting, other.translate});
    }
  };
  for (const Setting& setting : table) {
    look(setting, setting.librdkafka);
    look(setting, setting.sarama);
  }
  return found;
}

std::string_view nearest_setting(std::string_view name) {
  std::vector<std::string_view> names;
  for (const Setting& setting : table) names.push_back(setting.key);
  for (const Setting& setting : table) {
    for (const OtherName& other : setting.librdkafka) names.push_back(other.name);
    for (const OtherName& other : setting.sarama) names.push_back(other.name);
  }
  std::erase(names, std::string_view{});
  return protocol::nearest(name, names);
}

}  // namespace acklab::producer
