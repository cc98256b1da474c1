#include "protocol/messages/delete_topics.h"

#include "protocol/wire/instantiate.h"

namespace acklab::protocol {

ACKLAB_COMPILE_MESSAGE(DeleteTopicsRequest)
ACKLAB_COMPILE_MESSAGE(DeleteTopicsResponse)

}  // namespace acklab::protocol
