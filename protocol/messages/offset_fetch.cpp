#include "protocol/messages/offset_fetch.h"

#include "protocol/wire/instantiate.h"

namespace acklab::protocol {

ACKLAB_COMPILE_MESSAGE(OffsetFetchRequest)
ACKLAB_COMPILE_MESSAGE(OffsetFetchResponse)

}  // namespace acklab::protocol
