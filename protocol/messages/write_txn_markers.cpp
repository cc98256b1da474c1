#include "protocol/messages/write_txn_markers.h"

#include "protocol/wire/instantiate.h"

namespace acklab::protocol {

ACKLAB_COMPILE_MESSAGE(WriteTxnMarkersRequest)
ACKLAB_COMPILE_MESSAGE(WriteTxnMarkersResponse)

}  // namespace acklab::protocol
