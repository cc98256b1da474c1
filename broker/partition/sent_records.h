// What a Produce request says of the records for a partition by their form alone; asked before anything about the partition is.
#pragma once

#include "broker/partition/batch_validation.h"

namespace acklab::broker {

// Whether it is a message set, which clients from before Kafka 0.11 send in versions 0 to 2. Kafka does not look what comes in those, and
// neither do we: a batch is a batch.
bool is_message_set(const protocol::Nullable<protocol::Slice>& records, std::int16_t produce_version);

// The batch, if there is one, and only one, of a kind that the version may carry. Kafka takes a few stray bytes, or a second batch that
// is cut short, for the end of the records, and so do we.
protocol::Result<protocol::RecordBatch, BatchRefusal> batch_of_request(const protocol::Nullable<protocol::Slice>& records,
                                                                       std::int16_t produce_version);

}  // namespace acklab::broker
