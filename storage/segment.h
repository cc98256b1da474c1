// One stretch of a log: batches one behind the other in a file that is named by the offset of the first, two sparse indexes, and the
// transactions that were aborted in it. The last segment of a log is written to and keeps its indexes in memory; when it is full it is
// sealed, and they go to the disk.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "protocol/records/end_transaction_marker.h"
#include "protocol/records/record_batch.h"
#include "protocol/types.h"
#include "storage/disk.h"
#include "storage/segment_files.h"
#include "storage/segment_index.h"
#include "storage/transaction_index.h"

namespace acklab::storage {

// What a read of a log gives.
struct LogRead {
  Slice records;                    // whole batches; empty at the upper bound
  protocol::Offset first_offset{};  // of the first batch; may be below the offset asked for
  protocol::Offset next_offset{};   // behind the last batch
};

// A record found by its timestamp.
struct FoundRecord {
  protocol::Offset offset{};
  std::int64_t timestamp = -1;
};

// Is shown a batch, and what it says of a transaction.
using BatchVisitor = std::function<void(const protocol::BatchHeader&, const std::optional<protocol::EndTransactionMarker>&)>;

class Segment {
 public:
  // Makes the file. There must be none of that name, or an empty one.
  static Result<Segment, DiskError> create(Disk& disk, const std::string& directory, protocol::Offset base,
                                           std::uint32_t index_interval_bytes);
  // Opens a segment that is known to be durable and whole, and believes its indexes. `end` is where the next segment begins; without
  // one this is the last. DiskFault::malformed or not_found if the indexes are not to be believed: recover() it.
  static Result<Segment, DiskError> open(Disk& disk, const std::string& directory, protocol::Offset base,
                                         std::uint32_t index_interval_bytes, std::optional<protocol::Offset> end);
  // Opens what a crash left: walks the batches, cuts the file behind the last that is whole, has the right checksum and lies behind
  // the one before (compaction may have left a gap between the two), and makes the indexes anew. Each batch that stays is shown to
  // `visit`, so that nobody has to read it once more. Which transactions were aborted it cannot tell: note_aborted().
  static Result<Segment, DiskError> recover(Disk& disk, const std::string& directory, protocol::Offset base,
                                            std::uint32_t index_interval_bytes, const BatchVisitor& visit);

  protocol::Offset base() const { return base_; }
  protocol::Offset end() const { return end_.offset; }
  std::uint64_t size() const { return end_.position; }
  std::uint64_t cut_at_open() const { return cut_at_open_; }  // bytes
  std::int64_t max_timestamp() const { return max_timestamp_; }
  // The largest timestamp of the first batch, from which on segment.ms counts.
  Result<std::int64_t, DiskError> first_timestamp() const;
  // Of the segment that is written to: whether an index of that many bytes has no more room.
  bool index_full(std::uint64_t index_bytes) const;

  // `bytes` is one batch, `header` its header with the final offset, which must not be below end().
  Result<void, DiskError> append(const Bytes& bytes, const protocol::BatchHeader& header);
  // The marker that was appended last has aborted a transaction.
  void note_aborted(const AbortedTransaction& aborted) { transactions_.append(aborted); }
  // Also those of a sealed segment are in memory: there are few, and who reads committed data needs them at every step.
  const TransactionIndex& transactions() const { return transactions_; }
  // As Log::read; needs base() <= from. Nothing, up to end(), if there is no batch from there on.
  Result<LogRead, DiskError> read(protocol::Offset from, protocol::Offset upper, std::size_t max_bytes, bool at_least_one) const;
  // As Log::find_time, not below `from`.
  Result<std::optional<FoundRecord>, DiskError> find_time(std::int64_t timestamp, protocol::Offset from,
                                                          protocol::Offset upper) const;
  // Of the batches that end behind `from`.
  Result<void, DiskError> for_each_header(protocol::Offset from, const BatchVisitor& visit) const;

  // Drops the batch that contains `offset` and all behind it. The segment may be written to again.
  Result<void, DiskError> truncate_to(protocol::Offset offset);
  // Makes the batches durable.
  Result<void, DiskError> flush();
  // Makes the batches durable and the indexes too: nothing is appended any more, or not before the log is opened again.
  Result<void, DiskError> seal();

 private:
  // Where a batch begins or the segment ends.
  struct Boundary {
    protocol::Offset offset{};  // where what comes before it ends: the batch's own base, but where there is a gap
    std::uint64_t position = 0;
  };

  Segment(Disk& disk, std::unique_ptr<File> file, std::string directory, protocol::Offset base,
          std::uint32_t index_interval_bytes);
  static Result<Segment, DiskError> with_file(Disk& disk, const std::string& directory, protocol::Offset base,
                                              std::uint32_t index_interval_bytes);

  Result<void, DiskError> read_transactions();
  // Takes the batch at the end into the index.
  void note(const protocol::BatchHeader& header);
  // Takes in the batches from the end on, up to `position`.
  Result<void, DiskError> note_up_to(std::uint64_t position);
  Result<const SegmentIndex*, DiskError> index() const;
  // A stretch of the file that was read at once. The way to a batch and the batch itself shall cost one read of a disk, not one for each
  // header on the way.
  struct Piece {
    std::uint64_t position = 0;
    Slice bytes;

    bool covers(std::uint64_t from, std::size_t length) const;
    Slice part(std::uint64_t from, std::size_t length) const;
  };
  // From where the index sends who looks for `offset`, with room for the batch and what is wanted behind it. Nothing, unless the search
  // has to go through the file.
  Result<Piece, DiskError> piece_for(protocol::Offset offset, std::size_t max_bytes) const;

  Result<protocol::BatchHeader, DiskError> header_at(std::uint64_t position, const Piece& piece) const;
  Result<protocol::RecordBatch, DiskError> batch_at(std::uint64_t position, std::size_t size) const;
  // Of the batch that contains `offset`, or the first behind it.
  Result<std::uint64_t, DiskError> position_of(protocol::Offset offset, const Piece& piece) const;
  // The last boundary from `start` on that is neither above `upper` nor behind `limit`.
  Result<Boundary, DiskError> last_boundary(Boundary start, protocol::Offset upper, std::uint64_t limit,
                                            const Piece& piece) const;
  Result<std::optional<FoundRecord>, DiskError> find_in(const protocol::BatchHeader& header, std::uint64_t position,
                                                        std::int64_t timestamp, protocol::Offset from) const;
  DiskError corrupt(std::uint64_t position) const;

  Disk* disk_;  // outlives the segment
  std::unique_ptr<File> file_;
  std::string directory_;
  protocol::Offset base_;
  Boundary end_;
  std::uint32_t index_interval_bytes_;
  std::int64_t max_timestamp_ = -1;
  mutable std::optional<std::int64_t> first_timestamp_;
  mutable std::optional<SegmentIndex> index_;  // nothing: it is on the disk, and read when it is first asked for
  TransactionIndex transactions_;
  std::vector<Boundary> recent_;  // the last batches, all of them: a reader at the tail, as a follower is, needs no walk
  std::uint64_t cut_at_open_ = 0;
  bool flushed_ = false;  // nothing was changed since the last flush; what an earlier process flushed is not known
};

}  // namespace acklab::storage
