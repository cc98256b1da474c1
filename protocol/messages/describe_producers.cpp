#include "protocol/messages/describe_producers.h"

#include "protocol/wire/instantiate.h"

namespace acklab::protocol {

ACKLAB_COMPILE_MESSAGE(DescribeProducersRequest)
ACKLAB_COMPILE_MESSAGE(DescribeProducersResponse)

}  // namespace acklab::protocol
