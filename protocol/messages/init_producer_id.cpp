#include "protocol/messages/init_producer_id.h"

#include "protocol/wire/instantiate.h"

namespace acklab::protocol {

ACKLAB_COMPILE_MESSAGE(InitProducerIdRequest)
ACKLAB_COMPILE_MESSAGE(InitProducerIdResponse)

}  // namespace acklab::protocol
