#include "protocol/messages/list_offsets.h"

#include "protocol/wire/instantiate.h"

namespace acklab::protocol {

ACKLAB_COMPILE_MESSAGE(ListOffsetsRequest)
ACKLAB_COMPILE_MESSAGE(ListOffsetsResponse)

}  // namespace acklab::protocol
