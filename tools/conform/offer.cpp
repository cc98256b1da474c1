#include "tools/conform/offer.h"

#include <algorithm>
#include <string>

#include <fmt/format.h>

#include "protocol/messages/registry.h"
#include "tools/conform/question.h"

namespace acklab::conform {
namespace {

std::string range(Versions versions) {
  return versions.first == versions.last ? fmt::format("{}", versions.first)
                                         : fmt::format("{} to {}", versions.first, versions.last);
}

}  // namespace

Offer::Offer(const protocol::ApiVersionsResponse& advertised) {
  for (const auto& api : advertised.api_keys) apis_[api.api_key] = {api.min_version, api.max_version};
}

std::optional<Versions> Offer::of(std::int16_t api_key) const {
  const auto found = apis_.find(api_key);
  return found == apis_.end() ? std::nullopt : std::optional(found->second);
}

std::int16_t Offer::newest(const protocol::MessageInfo& declared, Versions wanted) const {
  const protocol::Api* api = protocol::find_api(declared.api_key);
  const std::string name = api ? std::string(api->name) : fmt::format("API {}", declared.api_key);
  const auto offered = of(declared.api_key);
  if (!offered) throw NotAsked{fmt::format("the broker does not offer {}", name)};
  const Versions askable{std::max(wanted.first, declared.first_version), std::min(wanted.last, declared.last_version)};
  const std::int16_t newest = std::min(askable.last, offered->last);
  if (newest < askable.first || newest < offered->first) {
    throw NotAsked{fmt::format("the broker offers {} {}, and the question needs {}", name, range(*offered), range(askable))};
  }
  return newest;
}

}  // namespace acklab::conform
