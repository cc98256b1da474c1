#include "protocol/messages/describe_groups.h"

#include "protocol/wire/instantiate.h"

namespace acklab::protocol {

ACKLAB_COMPILE_MESSAGE(DescribeGroupsRequest)
ACKLAB_COMPILE_MESSAGE(DescribeGroupsResponse)

}  // namespace acklab::protocol
