// A walk over the batches of a segment file that is not trusted: each must be whole, have the right checksum, and lie behind the one
// before. Reads in large pieces, so that the disk or the checksum is what takes time.
#pragma once

#include <cstdint>
#include <optional>

#include "protocol/records/end_transaction_marker.h"
#include "protocol/records/record_batch.h"
#include "protocol/types.h"
#include "storage/disk.h"

namespace acklab::storage {

class BatchWalk {
 public:
  // The file outlives the walk. Batches begin at `first` or behind it.
  BatchWalk(const File& file, protocol::Offset first) : file_(file), end_offset_(first) {}

  // The next batch's header. Nothing where the file ends or is no batch: what lies behind position() is to be cut.
  Result<std::optional<protocol::BatchHeader>, DiskError> next();

  // What that batch says of a transaction.
  const std::optional<protocol::EndTransactionMarker>& marker() const { return marker_; }

  // Behind the last batch that next() has given.
  std::uint64_t position() const { return position_; }

 private:
  // At least `length` bytes from position(); fewer only at the end of the file.
  Result<Slice, DiskError> bytes(std::size_t length);

  const File& file_;
  protocol::Offset end_offset_;
  std::uint64_t position_ = 0;
  std::optional<protocol::EndTransactionMarker> marker_;
  Slice piece_;
  std::uint64_t piece_start_ = 0;
};

// The header's own claims, before anything is believed of it.
bool plausible(const protocol::BatchHeader& header);

}  // namespace acklab::storage
