#include "protocol/messages/describe_log_dirs.h"

#include "protocol/wire/instantiate.h"

namespace acklab::protocol {

ACKLAB_COMPILE_MESSAGE(DescribeLogDirsRequest)
ACKLAB_COMPILE_MESSAGE(DescribeLogDirsResponse)

}  // namespace acklab::protocol
