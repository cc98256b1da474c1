#include "producer/refused_settings.h"

#include <algorithm>

namespace acklab::producer {
namespace {

constexpr std::string_view no_security = "connections are plain here, without TLS or SASL";
constexpr std::string_view no_transactions = "this producer has no transactions";
constexpr std::string_view bytes_only = "records are bytes here, and nothing of the application's runs inside the producer";
constexpr std::string_view cluster_beside = "where the cluster is stands beside the settings: -b HOST:PORT";
constexpr std::string_view memory_bounds = "what waits is bounded by its bytes here, as in Kafka: buffer.memory";
constexpr std::string_view negotiated = "versions are negotiated with each broker (ApiVersions)";
constexpr std::string_view always_told = "every record's outcome is told here, good or bad";

constexpr Refused table[] = {
    // The lesson's, which exist in no client.
    {"Producer.Retry.RetryBackoff", "no client has this; sarama calls it Producer.Retry.Backoff, Kafka retry.backoff.ms"},
    {"Producer.Retry.MaxRetryTime",
     "no client has this; sarama has no deadline for a record, only Producer.Retry.Max, and Kafka calls it delivery.timeout.ms"},
    {"Producer.Flush.BufferSize",
     "no client has this; the nearest in sarama is ChannelBufferSize, which counts messages, and in Kafka buffer.memory"},

    {"ChannelBufferSize", memory_bounds},
    {"Net.KeepAlive", "the system decides how long a silent connection lives"},
    {"Net.SASL.*", no_security, "false"},
    {"Net.TLS.*", no_security, "false"},
    {"Producer.Retry.BackoffFunc", "pauses double from retry.backoff.ms to retry.backoff.max.ms"},
    {"Producer.Return.*", always_told, "true"},
    {"Producer.Transaction.*", no_transactions},
    {"Version", negotiated},

    {"api.version.*", negotiated, "true"},
    {"bootstrap.servers", cluster_beside},
    {"client.dns.lookup", "every address of a name is taken as it comes", "use_all_dns_ips"},
    {"client.rack", "a producer sends to leaders, wherever they stand"},
    {"delivery.report.only.error", always_told, "false"},
    {"enable.metrics.push", "metrics are read here, not pushed", "false"},
    {"interceptor.classes", bytes_only},
    {"key.serializer", bytes_only, "org.apache.kafka.common.serialization.ByteArraySerializer"},
    {"metadata.broker.list", cluster_beside},
    {"metadata.recovery.*", "when no broker answers any more, those of -b are asked again"},
    {"metric.reporters", "metrics are read here, not reported"},
    {"queue.buffering.max.messages", memory_bounds},
    {"sasl.*", no_security},
    {"security.*", no_security, "plaintext"},
    {"ssl.*", no_security},
    {"statistics.interval.ms", "metrics are read here, not reported"},
    {"sticky.partitioning.linger.ms", "records without a key move on by bytes, not by time (KIP-794)"},
    {"transaction.*", no_transactions},
    {"transactional.id", no_transactions},
    {"value.serializer", bytes_only, "org.apache.kafka.common.serialization.ByteArraySerializer"},
};

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

}  // namespace

const Refused* refused_setting(std::string_view name) {
  const auto is_it = [&](const Refused& one) {
    return one.name.ends_with('*') ? name.starts_with(one.name.substr(0, one.name.size() - 1)) : name == one.name;
  };
  const auto found = std::find_if(std::begin(table), std::end(table), is_it);
  return found == std::end(table) ? nullptr : &*found;
}

bool asks_for_nothing(const Refused& refused, std::string_view value) {
  if (refused.harmless.empty()) return false;
  return std::equal(value.begin(), value.end(), refused.harmless.begin(), refused.harmless.end(),
                    [](char a, char b) { return lower(a) == lower(b); });
}

}  // namespace acklab::producer
