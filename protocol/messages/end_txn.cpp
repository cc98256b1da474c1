#include "protocol/messages/end_txn.h"

#include "protocol/wire/instantiate.h"

namespace acklab::protocol {

ACKLAB_COMPILE_MESSAGE(EndTxnRequest)
ACKLAB_COMPILE_MESSAGE(EndTxnResponse)

}  // namespace acklab::protocol
