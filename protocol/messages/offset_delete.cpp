#include "protocol/messages/offset_delete.h"

#include "protocol/wire/instantiate.h"

namespace acklab::protocol {

ACKLAB_COMPILE_MESSAGE(OffsetDeleteRequest)
ACKLAB_COMPILE_MESSAGE(OffsetDeleteResponse)

}  // namespace acklab::protocol
