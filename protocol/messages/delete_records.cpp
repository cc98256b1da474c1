#include "protocol/messages/delete_records.h"

#include "protocol/wire/instantiate.h"

namespace acklab::protocol {

ACKLAB_COMPILE_MESSAGE(DeleteRecordsRequest)
ACKLAB_COMPILE_MESSAGE(DeleteRecordsResponse)

}  // namespace acklab::protocol
