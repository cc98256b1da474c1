#include "protocol/messages/api_versions.h"

#include "protocol/wire/instantiate.h"

namespace acklab::protocol {

ACKLAB_COMPILE_MESSAGE(ApiVersionsRequest)
ACKLAB_COMPILE_MESSAGE(ApiVersionsResponse)

}  // namespace acklab::protocol
