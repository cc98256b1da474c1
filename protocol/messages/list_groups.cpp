#include "protocol/messages/list_groups.h"

#include "protocol/wire/instantiate.h"

namespace acklab::protocol {

ACKLAB_COMPILE_MESSAGE(ListGroupsRequest)
ACKLAB_COMPILE_MESSAGE(ListGroupsResponse)

}  // namespace acklab::protocol
