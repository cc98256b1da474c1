// Producer settings of a command line: by any client's names, with the address of the cluster among them if somebody put it there.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "producer/config.h"

namespace acklab {

struct ProducerSettings {
  producer::Settings set;                // by Kafka's keys, so that a command may add what was not given
  std::optional<std::string> bootstrap;  // bootstrap.servers, or metadata.broker.list
};

// "KEY=VALUE" items; throws BadInput that names the option.
ProducerSettings parse_producer_settings(const std::vector<std::string>& items, const std::string& option);

// What the settings make. Throws BadInput that names the options they may have come from; says so on stderr if they are wrong on purpose.
producer::ProducerConfig producer_config(const producer::Settings& set, const std::string& options);

}  // namespace acklab
