// CreatePartitions: any broker takes it and forwards it; the controller decides.
#include "broker/handlers/forward.h"

namespace acklab::broker {

using protocol::CreatePartitionsRequest;
using protocol::CreatePartitionsResponse;
using protocol::ErrorCode;

void handle(Services& services, const Call& call, const CreatePartitionsRequest& request) {
  forward_to_controller<CreatePartitionsResponse>(services, call, request);
}

void refuse(Services&, const Call& call, const CreatePartitionsRequest& request, ErrorCode code) {
  CreatePartitionsResponse response;
  for (const CreatePartitionsRequest::Topic& topic : request.topics) {
    CreatePartitionsResponse::Topic& refused = response.results.emplace_back();
    refused.name = topic.name;
    refused.error_code = code;
  }
  call.answer(response);
}

}  // namespace acklab::broker
