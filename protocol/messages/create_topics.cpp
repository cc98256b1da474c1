#include "protocol/messages/create_topics.h"

#include "protocol/wire/instantiate.h"

namespace acklab::protocol {

ACKLAB_COMPILE_MESSAGE(CreateTopicsRequest)
ACKLAB_COMPILE_MESSAGE(CreateTopicsResponse)

}  // namespace acklab::protocol
