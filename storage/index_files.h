// The index files of a segment, read and written whole. An index is derived from the batches: one that is missing or makes no sense costs
// a walk and nothing else.
#pragma once

#include <cstdint>
#include <string>

#include "storage/segment_files.h"
#include "storage/segment_index.h"
#include "storage/transaction_index.h"

namespace acklab::storage {

Result<void, DiskError> write_index(Disk& disk, const std::string& directory, protocol::Offset base, const SegmentIndex& index,
                                    const TransactionIndex& transactions);

// DiskFault::not_found or malformed: there is none that could be that of a .log of this size.
Result<SegmentIndex, DiskError> read_index(Disk& disk, const std::string& directory, protocol::Offset base,
                                           std::uint64_t log_size);

// The last entry of the time index. The same errors, from a look at the sizes and that entry only.
Result<TimestampOffset, DiskError> glance_at_index(Disk& disk, const std::string& directory, protocol::Offset base,
                                                   protocol::Offset end);

// DiskFault::malformed: it could not be that of a segment that ends there. Without a file there is nothing in it.
Result<TransactionIndex, DiskError> read_transaction_index(Disk& disk, const std::string& directory, protocol::Offset base,
                                                           protocol::Offset end);

}  // namespace acklab::storage
