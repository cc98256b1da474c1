#include "protocol/messages/txn_offset_commit.h"

#include "protocol/wire/instantiate.h"

namespace acklab::protocol {

ACKLAB_COMPILE_MESSAGE(TxnOffsetCommitRequest)
ACKLAB_COMPILE_MESSAGE(TxnOffsetCommitResponse)

}  // namespace acklab::protocol
