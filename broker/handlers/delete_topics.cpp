// DeleteTopics: any broker takes it and forwards it, in its newest shape; the controller decides.
#include "broker/controller/delete_topics.h"

#include "broker/handlers/forward.h"

namespace acklab::broker {

using protocol::DeleteTopicsRequest;
using protocol::DeleteTopicsResponse;
using protocol::ErrorCode;

namespace {

DeleteTopicsRequest in_newest_shape(DeleteTopicsRequest request) {
  for (const std::string& name : request.topic_names) request.topics.push_back({.name = name, .topic_id = {}});
  request.topic_names.clear();
  return request;
}

}  // namespace

void handle(Services& services, const Call& call, const DeleteTopicsRequest& request) {
  forward_to_controller<DeleteTopicsResponse>(services, call, in_newest_shape(request));
}

void refuse(Services&, const Call& call, const DeleteTopicsRequest& request, ErrorCode code) {
  call.answer(refusal_of(in_newest_shape(request), code));
}

}  // namespace acklab::broker
