#include "protocol/messages/find_coordinator.h"

#include "protocol/wire/instantiate.h"

namespace acklab::protocol {

ACKLAB_COMPILE_MESSAGE(FindCoordinatorRequest)
ACKLAB_COMPILE_MESSAGE(FindCoordinatorResponse)

}  // namespace acklab::protocol
