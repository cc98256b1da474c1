#include "protocol/messages/describe_topic_partitions.h"

#include "protocol/wire/instantiate.h"

namespace acklab::protocol {

ACKLAB_COMPILE_MESSAGE(DescribeTopicPartitionsRequest)
ACKLAB_COMPILE_MESSAGE(DescribeTopicPartitionsResponse)

}  // namespace acklab::protocol
