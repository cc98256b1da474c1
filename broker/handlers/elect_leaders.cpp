// ElectLeaders: any broker takes it and forwards it; the controller decides.
#include "broker/controller/elect_leaders.h"
#include "broker/controller/controller_link.h"
#include "broker/handlers/handlers.h"

namespace acklab::broker {

using protocol::ChannelFault;
using protocol::ElectLeadersRequest;
using protocol::ElectLeadersResponse;
using protocol::ErrorCode;

void handle(Services& services, const Call& call, const ElectLeadersRequest& request) {
  services.controller.elect_leaders(request,
                                    [&services, call, request](protocol::Result<ElectLeadersResponse, ChannelFault> response) {
                                      if (!response) return refuse(services, call, request, ErrorCode::request_timed_out);
                                      call.answer(*response);
                                    });
}

void refuse(Services&, const Call& call, const ElectLeadersRequest& request, ErrorCode code) {
  call.answer(refusal_of(request, code));
}

}  // namespace acklab::broker
