#include "protocol/messages/sasl_handshake.h"

#include "protocol/wire/instantiate.h"

namespace acklab::protocol {

ACKLAB_COMPILE_MESSAGE(SaslHandshakeRequest)
ACKLAB_COMPILE_MESSAGE(SaslHandshakeResponse)

}  // namespace acklab::protocol
