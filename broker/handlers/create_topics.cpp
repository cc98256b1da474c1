// CreateTopics: any broker takes it and forwards it; the controller decides.
#include "broker/controller/controller_link.h"
#include "broker/handlers/handlers.h"

namespace acklab::broker {

using protocol::ChannelFault;
using protocol::CreateTopicsRequest;
using protocol::CreateTopicsResponse;
using protocol::ErrorCode;

void handle(Services& services, const Call& call, const CreateTopicsRequest& request) {
  services.controller.create_topics(request,
                                    [&services, call, request](protocol::Result<CreateTopicsResponse, ChannelFault> response) {
                                      if (!response) return refuse(services, call, request, ErrorCode::request_timed_out);
                                      call.answer(*response);
                                    });
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
