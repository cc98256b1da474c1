#include "protocol/messages/add_partitions_to_txn.h"

#include "protocol/wire/instantiate.h"

namespace acklab::protocol {

ACKLAB_COMPILE_MESSAGE(AddPartitionsToTxnRequest)
ACKLAB_COMPILE_MESSAGE(AddPartitionsToTxnResponse)

}  // namespace acklab::protocol
