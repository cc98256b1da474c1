#include "protocol/messages/list_partition_reassignments.h"

#include "protocol/wire/instantiate.h"

namespace acklab::protocol {

ACKLAB_COMPILE_MESSAGE(ListPartitionReassignmentsRequest)
ACKLAB_COMPILE_MESSAGE(ListPartitionReassignmentsResponse)

}  // namespace acklab::protocol
