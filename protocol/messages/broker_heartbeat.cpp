#include "protocol/messages/broker_heartbeat.h"

#include "protocol/wire/instantiate.h"

namespace acklab::protocol {

ACKLAB_COMPILE_MESSAGE(BrokerHeartbeatRequest)
ACKLAB_COMPILE_MESSAGE(BrokerHeartbeatResponse)

}  // namespace acklab::protocol
