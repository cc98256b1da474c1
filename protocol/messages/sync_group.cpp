#include "protocol/messages/sync_group.h"

#include "protocol/wire/instantiate.h"

namespace acklab::protocol {

ACKLAB_COMPILE_MESSAGE(SyncGroupRequest)
ACKLAB_COMPILE_MESSAGE(SyncGroupResponse)

}  // namespace acklab::protocol
