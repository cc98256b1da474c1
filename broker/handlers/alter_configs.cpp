// AlterConfigs and IncrementalAlterConfigs: any broker takes them and forwards them; the controller decides.
#include "broker/handlers/forward.h"

namespace acklab::broker {

using protocol::AlterConfigsRequest;
using protocol::AlterConfigsResponse;
using protocol::ErrorCode;
using protocol::IncrementalAlterConfigsRequest;
using protocol::IncrementalAlterConfigsResponse;

namespace {

template <class Response, class Request>
Response refusal_of(const Request& request, ErrorCode code) {
  Response response;
  for (const auto& resource : request.resources) {
    auto& refused = response.responses.emplace_back();
    refused.error_code = code;
    refused.error_message.reset();
    refused.resource_type = resource.resource_type;
    refused.resource_name = resource.resource_name;
  }
  return response;
}

}  // namespace

void handle(Services& services, const Call& call, const AlterConfigsRequest& request) {
  forward_to_controller<AlterConfigsResponse>(services, call, request);
}

void handle(Services& services, const Call& call, const IncrementalAlterConfigsRequest& request) {
  forward_to_controller<IncrementalAlterConfigsResponse>(services, call, request);
}

void refuse(Services&, const Call& call, const AlterConfigsRequest& request, ErrorCode code) {
  call.answer(refusal_of<AlterConfigsResponse>(request, code));
}

void refuse(Services&, const Call& call, const IncrementalAlterConfigsRequest& request, ErrorCode code) {
  call.answer(refusal_of<IncrementalAlterConfigsResponse>(request, code));
}

}  // namespace acklab::broker
