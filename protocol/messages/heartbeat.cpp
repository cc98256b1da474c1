#include "protocol/messages/heartbeat.h"

#include "protocol/wire/instantiate.h"

namespace acklab::protocol {

ACKLAB_COMPILE_MESSAGE(HeartbeatRequest)
ACKLAB_COMPILE_MESSAGE(HeartbeatResponse)

}  // namespace acklab::protocol
