#include "protocol/messages/alter_partition_reassignments.h"

#include "protocol/wire/instantiate.h"

namespace acklab::protocol {

ACKLAB_COMPILE_MESSAGE(AlterPartitionReassignmentsRequest)
ACKLAB_COMPILE_MESSAGE(AlterPartitionReassignmentsResponse)

}  // namespace acklab::protocol
