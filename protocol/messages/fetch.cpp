#include "protocol/messages/fetch.h"

#include "protocol/wire/instantiate.h"

namespace acklab::protocol {

ACKLAB_COMPILE_MESSAGE(FetchRequest)
ACKLAB_COMPILE_MESSAGE(FetchResponse)

}  // namespace acklab::protocol
