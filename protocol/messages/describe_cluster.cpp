#include "protocol/messages/describe_cluster.h"

#include "protocol/wire/instantiate.h"

namespace acklab::protocol {

ACKLAB_COMPILE_MESSAGE(DescribeClusterRequest)
ACKLAB_COMPILE_MESSAGE(DescribeClusterResponse)

}  // namespace acklab::protocol
