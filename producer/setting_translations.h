// How other clients write the values of settings that Kafka's client has too: sarama in Go, librdkafka now and then in other units.
#pragma once

#include <string>
#include <string_view>

#include "protocol/result.h"

namespace acklab::producer {

// Go durations, as text ("10s", "1m30s", "100ms") or as code ("100 * time.Millisecond"), to milliseconds.
protocol::Result<std::string, std::string> from_go_duration(std::string_view value);

// sarama's constants, with or without the package's name before them, or as Kafka writes the value.
protocol::Result<std::string, std::string> from_sarama_acks(std::string_view value);
protocol::Result<std::string, std::string> from_sarama_codec(std::string_view value);
protocol::Result<std::string, std::string> from_sarama_partitioner(std::string_view value);

// Kibibytes to bytes.
protocol::Result<std::string, std::string> from_kilobytes(std::string_view value);

}  // namespace acklab::producer
