// InitProducerId: an identity for an idempotent producer. Any broker gives one, without coordination but for the blocks of ids.
// A transactional id would need a transaction coordinator, which there is none of.
#include "broker/handlers/handlers.h"
#include "broker/producer_ids.h"

namespace acklab::broker {

using protocol::ErrorCode;
using protocol::InitProducerIdRequest;
using protocol::InitProducerIdResponse;

void handle(Services& services, const Call& call, const InitProducerIdRequest& request) {
  if (request.transactional_id) {
    const ErrorCode code = request.transactional_id->empty() ? ErrorCode::invalid_request : ErrorCode::coordinator_not_available;
    return refuse(services, call, request, code);
  }
  services.producer_ids.take([&services, call, request](protocol::Result<protocol::ProducerId> id) {
    if (!id) return refuse(services, call, request, id.error());
    InitProducerIdResponse response;
    response.producer_id = id->value;
    response.producer_epoch = 0;
    call.answer(response);
  });
}

void refuse(Services&, const Call& call, const InitProducerIdRequest&, ErrorCode code) {
  InitProducerIdResponse response;
  response.error_code = code;
  response.producer_id = -1;
  response.producer_epoch = -1;
  call.answer(response);
}

}  // namespace acklab::broker
