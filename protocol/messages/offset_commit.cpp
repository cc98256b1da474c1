#include "protocol/messages/offset_commit.h"

#include "protocol/wire/instantiate.h"

namespace acklab::protocol {

ACKLAB_COMPILE_MESSAGE(OffsetCommitRequest)
ACKLAB_COMPILE_MESSAGE(OffsetCommitResponse)

}  // namespace acklab::protocol
