#include "protocol/messages/delete_groups.h"

#include "protocol/wire/instantiate.h"

namespace acklab::protocol {

ACKLAB_COMPILE_MESSAGE(DeleteGroupsRequest)
ACKLAB_COMPILE_MESSAGE(DeleteGroupsResponse)

}  // namespace acklab::protocol
