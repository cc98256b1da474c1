#include "protocol/messages/sasl_authenticate.h"

#include "protocol/wire/instantiate.h"

namespace acklab::protocol {

ACKLAB_COMPILE_MESSAGE(SaslAuthenticateRequest)
ACKLAB_COMPILE_MESSAGE(SaslAuthenticateResponse)

}  // namespace acklab::protocol
