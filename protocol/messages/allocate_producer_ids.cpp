#include "protocol/messages/allocate_producer_ids.h"

#include "protocol/wire/instantiate.h"

namespace acklab::protocol {

ACKLAB_COMPILE_MESSAGE(AllocateProducerIdsRequest)
ACKLAB_COMPILE_MESSAGE(AllocateProducerIdsResponse)

}  // namespace acklab::protocol
