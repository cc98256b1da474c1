#include "protocol/messages/metadata.h"

#include "protocol/wire/instantiate.h"

namespace acklab::protocol {

ACKLAB_COMPILE_MESSAGE(MetadataRequest)
ACKLAB_COMPILE_MESSAGE(MetadataResponse)

}  // namespace acklab::protocol
