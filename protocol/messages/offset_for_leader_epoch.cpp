#include "protocol/messages/offset_for_leader_epoch.h"

#include "protocol/wire/instantiate.h"

namespace acklab::protocol {

ACKLAB_COMPILE_MESSAGE(OffsetForLeaderEpochRequest)
ACKLAB_COMPILE_MESSAGE(OffsetForLeaderEpochResponse)

}  // namespace acklab::protocol
