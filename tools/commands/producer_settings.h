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

}  // namespace acklab
