#include "protocol/messages/alter_configs.h"

#include "protocol/wire/instantiate.h"

namespace acklab::protocol {

ACKLAB_COMPILE_MESSAGE(AlterConfigsRequest)
ACKLAB_COMPILE_MESSAGE(AlterConfigsResponse)

}  // namespace acklab::protocol
