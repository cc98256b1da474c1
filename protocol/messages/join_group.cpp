#include "protocol/messages/join_group.h"

#include "protocol/wire/instantiate.h"

namespace acklab::protocol {

ACKLAB_COMPILE_MESSAGE(JoinGroupRequest)
ACKLAB_COMPILE_MESSAGE(JoinGroupResponse)

}  // namespace acklab::protocol
