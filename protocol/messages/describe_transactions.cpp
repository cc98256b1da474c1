#include "protocol/messages/describe_transactions.h"

#include "protocol/wire/instantiate.h"

namespace acklab::protocol {

ACKLAB_COMPILE_MESSAGE(DescribeTransactionsRequest)
ACKLAB_COMPILE_MESSAGE(DescribeTransactionsResponse)

}  // namespace acklab::protocol
