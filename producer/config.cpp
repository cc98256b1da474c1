// From settings to a configuration. What a setting may be by itself the table says (setting.h); what settings say about each other is
// decided here once all are read, because "not given" and "given with the default value" mean different things.
#include "producer/config.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <string_view>

#include "producer/given_settings.h"
#include "producer/setting.h"
#include "producer/setting_values.h"

namespace acklab::producer {
namespace {

using protocol::Acks;
using protocol::failure;

constexpr std::string_view acks_key = "acks";
constexpr std::string_view batch_size_key = "batch.size";
constexpr std::string_view delivery_timeout_key = "delivery.timeout.ms";
constexpr std::string_view idempotence_key = "enable.idempotence";
constexpr std::string_view in_flight_key = "max.in.flight.requests.per.connection";
constexpr std::string_view linger_key = "linger.ms";
constexpr std::string_view request_timeout_key = "request.timeout.ms";
constexpr std::string_view setup_timeout_key = "socket.connection.setup.timeout.ms";
constexpr std::string_view setup_timeout_max_key = "socket.connection.setup.timeout.max.ms";

std::int64_t ms(Duration duration) { return std::chrono::duration_cast<std::chrono::milliseconds>(duration).count(); }

// Why this configuration cannot be idempotent, as the rest of a sentence.
std::optional<std::string> against_idempotence(const ProducerConfig& config) {
  if (config.acks != Acks::all) return "needs acks=all";
  if (config.retries == 0) return "needs retries above 0";
  const int in_flight = config.era.idempotent_in_flight;
  if (config.max_in_flight > in_flight && config.unsafe_variant != UnsafeVariant::more_than_five_in_flight) {
    return fmt::format("needs {} of at most {}, because the broker remembers the last {} batches of a producer", in_flight_key,
                       in_flight, in_flight);
  }
  return std::nullopt;
}

// Each settles what some settings say about each other. The error is a line for the user.
using Settled = Result<void, std::string>;

Settled settle_idempotence(ProducerConfig& config, const GivenSettings& given) {
  if (!config.enable_idempotence) return {};
  // What nobody asked for gives way to idempotence: more in flight than the brokers of an old era could bear, and below acks.
  if (!given.contains(in_flight_key)) config.max_in_flight = std::min(config.max_in_flight, config.era.idempotent_in_flight);
  if (!given.contains(idempotence_key)) {
    config.enable_idempotence = !against_idempotence(config);
    return {};
  }
  // Asked for in an era whose default is acks=1: an acks that nobody asked for gives way.
  if (!given.contains(acks_key)) config.acks = Acks::all;
  if (const auto problem = against_idempotence(config)) {
    return failure(fmt::format("{}=true {}: change that, or set {}=false", idempotence_key, *problem, idempotence_key));
  }
  return {};
}

// Triggers mean what they mean in sarama: a batch leaves once one of those that are set is reached. So the time that is Kafka's default
// is no trigger beside them, and only the request's size caps a batch unless batch.size was given.
Settled settle_triggers(ProducerConfig& config, const GivenSettings& given) {
  if (config.ready_bytes == 0 && config.ready_messages == 0) return {};
  if (!given.contains(linger_key)) config.linger = 0ms;
  if (!given.contains(batch_size_key)) config.batch_size = config.max_request_size;
  if (config.ready_bytes > config.batch_size) {
    return failure(fmt::format(
        "batch.ready.bytes={} is never reached, because no batch is larger than {}={}: lower the one or raise the other",
        config.ready_bytes, batch_size_key, config.batch_size));
  }
  if (config.batch_num_messages > 0 && config.ready_messages > config.batch_num_messages) {
    return failure(fmt::format(
        "batch.ready.messages={} is never reached, because no batch has more than batch.num.messages={}: lower the one "
        "or raise the other",
        config.ready_messages, config.batch_num_messages));
  }
  return {};
}

Settled settle_delivery_timeout(ProducerConfig& config, const GivenSettings& given) {
  const Duration least = std::min<Duration>(config.linger + config.request_timeout, for_ever);
  if (config.delivery_timeout >= least) return {};
  if (!given.contains(delivery_timeout_key)) {
    config.delivery_timeout = least;
    return {};
  }
  return failure(fmt::format("{}={} must be at least {} + {}: raise it to {} or lower one of these", delivery_timeout_key,
                             ms(config.delivery_timeout), linger_key, request_timeout_key, ms(least)));
}

Settled settle_connection_setup(ProducerConfig& config, const GivenSettings& given) {
  if (config.connection_setup_timeout <= config.connection_setup_timeout_max) return {};
  if (!given.contains(setup_timeout_max_key)) {
    config.connection_setup_timeout_max = config.connection_setup_timeout;
  } else if (!given.contains(setup_timeout_key)) {
    config.connection_setup_timeout = config.connection_setup_timeout_max;
  } else {
    return failure(fmt::format("{}={} is above {}={}: lower the one or raise the other", setup_timeout_key,
                               ms(config.connection_setup_timeout), setup_timeout_max_key,
                               ms(config.connection_setup_timeout_max)));
  }
  return {};
}

// A contradiction is told in Kafka's words; the user may have used others, or none but a preset's name.
std::string with_names_as_given(std::string line, const GivenSettings& given) {
  std::string told;
  for (const auto& [key, setting] : given) {
    if (setting.said_as != key && line.find(key) != std::string::npos) {
      told += fmt::format("{}{} was given as {}", told.empty() ? " (" : ", ", key, setting.said_as);
    }
  }
  return told.empty() ? line : line + told + ")";
}

}  // namespace

std::optional<int> ProducerConfig::compression_level() const {
  switch (compression) {
    case protocol::Codec::gzip:
      return gzip_level;
    case protocol::Codec::lz4:
      return lz4_level;
    case protocol::Codec::zstd:
      return zstd_level;
    case protocol::Codec::none:
    case protocol::Codec::snappy:
      break;
  }
  return std::nullopt;
}

Duration ProducerConfig::ready_after() const {
  const bool triggers = ready_bytes > 0 || ready_messages > 0;
  return triggers && linger == 0ms ? for_ever : linger;
}

ProducerConfig ProducerConfig::defaults(const protocol::Era& era) {
  ProducerConfig config;
  config.acks = era.acks_all_by_default ? Acks::all : Acks::leader;
  config.enable_idempotence = era.idempotence_by_default;
  config.linger = std::chrono::milliseconds(era.linger_ms);
  config.era = era;
  return config;
}

Result<ProducerConfig, std::string> ProducerConfig::from(const Settings& settings, const protocol::Era& era) {
  const auto given = in_kafkas_words(settings);
  if (!given) return failure(given.error());

  ProducerConfig config = defaults(era);
  for (const auto& [key, setting] : *given) settings_named(key).front().setting->values.set(config, setting.value);
  for (const auto settle : {settle_idempotence, settle_triggers, settle_delivery_timeout, settle_connection_setup}) {
    if (const Settled settled = settle(config, *given); !settled) return failure(with_names_as_given(settled.error(), *given));
  }
  return config;
}

}  // namespace acklab::producer
