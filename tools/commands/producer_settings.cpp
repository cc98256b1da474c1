#include "tools/commands/producer_settings.h"

#include <cstdio>

#include "producer/given_settings.h"
#include "producer/unsafe_variant.h"
#include "tools/commands/command.h"
#include "tools/commands/network.h"

namespace acklab {

ProducerSettings parse_producer_settings(const std::vector<std::string>& items, const std::string& option) {
  ProducerSettings settings;
  producer::Settings given = parse_settings(items, option);
  for (const char* key : {"metadata.broker.list", "bootstrap.servers"}) {
    if (const auto address = given.extract(key)) settings.bootstrap = address.mapped();
  }
  const auto canonical = producer::canonical_settings(given);
  if (!canonical) throw BadInput(option + ": " + canonical.error());
  settings.set = *canonical;
  return settings;
}

producer::ProducerConfig producer_config(const producer::Settings& set, const std::string& options) {
  const auto config = producer::ProducerConfig::from(set);
  if (!config) throw BadInput(options + ": " + config.error());
  for (const auto& [key, value] : set) {
    if (!key.starts_with(producer::unsafe_prefix)) continue;
    std::fprintf(stderr, "acklab: UNSAFE ON PURPOSE: %s=%s\n", key.c_str(), value.c_str());
  }
  return *config;
}

}  // namespace acklab
