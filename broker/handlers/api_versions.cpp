// ApiVersions: what this broker serves. A client that speaks a newer version than we know is told so in a way that it can read.
#include <algorithm>

#include "broker/controller/controller_link.h"
#include "broker/dispatch.h"
#include "broker/handlers/handlers.h"

namespace acklab::broker {

using protocol::ApiVersionsRequest;
using protocol::ApiVersionsResponse;
using protocol::ErrorCode;

namespace {

// KIP-511: letters, digits, dots and dashes, and no dot or dash at either end.
bool is_software_name(const std::string& name) {
  const auto alphanumeric = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); };
  return !name.empty() && alphanumeric(name.front()) && alphanumeric(name.back()) &&
         std::all_of(name.begin(), name.end(), [&](char c) { return alphanumeric(c) || c == '-' || c == '.'; });
}

constexpr std::int16_t first_version_with_features = 3;
constexpr std::int16_t first_version_with_features_at_level_0 = 4;

// What a cluster as a whole switches on, level by level (KIP-584). Of these we have nothing yet, and say so: a client that looks for
// transactions of the second version, say, finds that they are at level 0 and cannot be raised. `metadata.version` is not among them:
// it is about a log that is ours and not Kafka's.
std::vector<ApiVersionsResponse::SupportedFeature> supported_features() {
  std::vector<ApiVersionsResponse::SupportedFeature> features;
  for (const char* name : {"eligible.leader.replicas.version", "group.version", "transaction.version"}) {
    features.push_back({.name = name, .min_version = 0, .max_version = 0});
  }
  return features;
}

}  // namespace

void handle(Services& services, const Call& call, const ApiVersionsRequest& request) {
  ApiVersionsResponse response;
  if (call.version() >= 3 &&
      (!is_software_name(request.client_software_name) || !is_software_name(request.client_software_version))) {
    response.error_code = ErrorCode::invalid_request;
    call.answer(response);
    return;
  }
  for (const ServedApi& api : served_apis()) response.api_keys.push_back({api.key, api.first_version, api.last_version});
  // Java clients before 4.0 cannot read a level 0. What is finalised at level 0 is left out in all versions.
  if (call.version() >= first_version_with_features_at_level_0) response.supported_features = supported_features();
  if (call.version() >= first_version_with_features) {
    response.finalized_features_epoch = services.controller.image().offset.value;
  }
  call.answer(response);
}

void refuse(Services&, const Call& call, const ApiVersionsRequest&, ErrorCode code) {
  ApiVersionsResponse response;
  response.error_code = code;
  call.answer(response);
}

void refuse_unknown_api_versions(const Call& call) {
  ApiVersionsResponse response;
  response.error_code = ErrorCode::unsupported_version;
  for (const ServedApi& api : served_apis()) {
    if (api.key == ApiVersionsRequest::info.api_key) response.api_keys.push_back({api.key, api.first_version, api.last_version});
  }
  call.answer_in(0, response);
}

}  // namespace acklab::broker
