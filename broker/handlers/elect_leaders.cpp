// ElectLeaders: any broker takes it and forwards it; the controller decides.
#include "broker/controller/elect_leaders.h"

#include "broker/handlers/forward.h"

namespace acklab::broker {

using protocol::ElectLeadersRequest;
using protocol::ElectLeadersResponse;
using protocol::ErrorCode;

void handle(Services& services, const Call& call, const ElectLeadersRequest& request) {
  forward_to_controller<ElectLeadersResponse>(services, call, request);
}

void refuse(Services&, const Call& call, const ElectLeadersRequest& request, ErrorCode code) {
  call.answer(refusal_of(request, code));
}

}  // namespace acklab::broker
