// A batch again, with fewer records: what compaction writes. The offsets that the batch covers, its producer and the offsets and
// timestamps of the records that stay are what they were.
#pragma once

#include <span>

#include "protocol/records/record_batch.h"

namespace acklab::protocol {

// `header` as it is to be, but for length, checksum, count and, unless records have the time of append, maxTimestamp, which follow from
// `records`. Compressed again with its codec. Without records only the header is left, without a codec; it keeps maxTimestamp.
Slice rewritten(BatchHeader header, std::span<const Record> records);

}  // namespace acklab::protocol
