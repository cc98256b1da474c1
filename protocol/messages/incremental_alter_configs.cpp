#include "protocol/messages/incremental_alter_configs.h"

#include "protocol/wire/instantiate.h"

namespace acklab::protocol {

ACKLAB_COMPILE_MESSAGE(IncrementalAlterConfigsRequest)
ACKLAB_COMPILE_MESSAGE(IncrementalAlterConfigsResponse)

}  // namespace acklab::protocol
