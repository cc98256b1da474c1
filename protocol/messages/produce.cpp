#include "protocol/messages/produce.h"

#include "protocol/wire/instantiate.h"

namespace acklab::protocol {

ACKLAB_COMPILE_MESSAGE(ProduceRequest)
ACKLAB_COMPILE_MESSAGE(ProduceResponse)

}  // namespace acklab::protocol
