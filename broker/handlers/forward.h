// A request that any broker takes and only the controller decides.
#pragma once

#include "broker/call.h"
#include "broker/controller/controller_link.h"
#include "broker/handlers/handlers.h"
#include "broker/services.h"

namespace acklab::broker {

template <class Response, class Request>
void forward_to_controller(Services& services, const Call& call, const Request& request) {
  services.controller.forward<Request, Response>(
      request, [&services, call, request](protocol::Result<Response, protocol::ChannelFault> response) {
        if (!response) return refuse(services, call, request, protocol::ErrorCode::request_timed_out);
        call.answer(*response);
      });
}

}  // namespace acklab::broker
