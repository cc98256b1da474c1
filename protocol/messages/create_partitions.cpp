#include "protocol/messages/create_partitions.h"

#include "protocol/wire/instantiate.h"

namespace acklab::protocol {

ACKLAB_COMPILE_MESSAGE(CreatePartitionsRequest)
ACKLAB_COMPILE_MESSAGE(CreatePartitionsResponse)

}  // namespace acklab::protocol
