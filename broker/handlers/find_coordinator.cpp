// FindCoordinator: there are no groups and no transactions yet, so there is no coordinator. It is served all the same, because old
// librdkafka compresses with lz4 only if version 0 is offered (see NOT_EMULATED.md).
#include "broker/handlers/handlers.h"

namespace acklab::broker {

using protocol::ErrorCode;
using protocol::FindCoordinatorRequest;
using protocol::FindCoordinatorResponse;

void handle(Services& services, const Call& call, const FindCoordinatorRequest& request) {
  refuse(services, call, request, ErrorCode::coordinator_not_available);
}

void refuse(Services&, const Call& call, const FindCoordinatorRequest&, ErrorCode code) {
  FindCoordinatorResponse response;
  response.error_code = code;
  response.error_message.reset();
  response.node_id = -1;
  response.port = -1;
  call.answer(response);
}

}  // namespace acklab::broker
