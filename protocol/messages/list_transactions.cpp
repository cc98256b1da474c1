#include "protocol/messages/list_transactions.h"

#include "protocol/wire/instantiate.h"

namespace acklab::protocol {

ACKLAB_COMPILE_MESSAGE(ListTransactionsRequest)
ACKLAB_COMPILE_MESSAGE(ListTransactionsResponse)

}  // namespace acklab::protocol
