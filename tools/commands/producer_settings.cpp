#include "tools/commands/producer_settings.h"

#include "producer/given_settings.h"
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

}  // namespace acklab
