#include "protocol/messages/elect_leaders.h"

#include "protocol/wire/instantiate.h"

namespace acklab::protocol {

ACKLAB_COMPILE_MESSAGE(ElectLeadersRequest)
ACKLAB_COMPILE_MESSAGE(ElectLeadersResponse)

}  // namespace acklab::protocol
