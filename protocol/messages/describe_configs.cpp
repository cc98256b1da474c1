#include "protocol/messages/describe_configs.h"

#include "protocol/wire/instantiate.h"

namespace acklab::protocol {

ACKLAB_COMPILE_MESSAGE(DescribeConfigsRequest)
ACKLAB_COMPILE_MESSAGE(DescribeConfigsResponse)

}  // namespace acklab::protocol
