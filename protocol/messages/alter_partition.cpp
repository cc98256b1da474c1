#include "protocol/messages/alter_partition.h"

#include "protocol/wire/instantiate.h"

namespace acklab::protocol {

ACKLAB_COMPILE_MESSAGE(AlterPartitionRequest)
ACKLAB_COMPILE_MESSAGE(AlterPartitionResponse)

}  // namespace acklab::protocol
