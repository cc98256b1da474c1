#include "protocol/messages/broker_registration.h"

#include "protocol/wire/instantiate.h"

namespace acklab::protocol {

ACKLAB_COMPILE_MESSAGE(BrokerRegistrationRequest)
ACKLAB_COMPILE_MESSAGE(BrokerRegistrationResponse)

}  // namespace acklab::protocol
