#include "protocol/messages/add_offsets_to_txn.h"

#include "protocol/wire/instantiate.h"

namespace acklab::protocol {

ACKLAB_COMPILE_MESSAGE(AddOffsetsToTxnRequest)
ACKLAB_COMPILE_MESSAGE(AddOffsetsToTxnResponse)

}  // namespace acklab::protocol
