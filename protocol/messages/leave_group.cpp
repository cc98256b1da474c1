#include "protocol/messages/leave_group.h"

#include "protocol/wire/instantiate.h"

namespace acklab::protocol {

ACKLAB_COMPILE_MESSAGE(LeaveGroupRequest)
ACKLAB_COMPILE_MESSAGE(LeaveGroupResponse)

}  // namespace acklab::protocol
