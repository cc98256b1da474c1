// CreateTopics: any broker takes it and forwards it; the controller decides.
#include "broker/handlers/forward.h"

namespace acklab::broker {

using protocol::CreateTopicsRequest;
using protocol::CreateTopicsResponse;
using protocol::ErrorCode;

void handle(Services& services, const Call& call, const CreateTopicsRequest& request) {
  forward_to_controller<CreateTopicsResponse>(services, call, request);
}

void refuse(Services&, const Call& call, const CreateTopicsRequest& request, ErrorCode code) {
  CreateTopicsResponse response;
  for (const CreateTopicsRequest::Topic& topic : request.topics) {
    CreateTopicsResponse::Topic& refused = response.topics.emplace_back();
    refused.name = topic.name;
    refused.error_code = code;
    refused.error_message.reset();
  }
  call.answer(response);
}

}  // namespace acklab::broker
