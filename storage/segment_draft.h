// A segment in the making, which will replace one or more that lie beside it: what compaction writes.
//
//   00000000000000001500.log.cleaned    being written; a crash leaves it to be removed
//   00000000000000001500.log.swap       whole and durable; it counts from now on, and a crash leaves the swap to be completed
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "protocol/records/record_batch.h"
#include "storage/disk.h"
#include "storage/segment_files.h"
#include "storage/segment_index.h"
#include "storage/transaction_index.h"

namespace acklab::storage {

inline constexpr std::string_view cleaned_suffix = ".cleaned";
inline constexpr std::string_view swap_suffix = ".swap";

class SegmentDraft {
 public:
  // What a crash left of an earlier one goes.
  static Result<SegmentDraft, DiskError> create(Disk& disk, const std::string& directory, protocol::Offset base,
                                                std::uint32_t index_interval_bytes);

  protocol::Offset base() const { return base_; }
  std::uint64_t size() const { return file_->size(); }
  // The next batch, with the offsets that it has in the log.
  Result<void, DiskError> append(const Slice& batch, const protocol::BatchHeader& header);
  // The marker that was appended last aborts a transaction.
  void note_aborted(const AbortedTransaction& aborted) { transactions_.append(aborted); }
  // It is whole: durable, and named so that it counts.
  Result<void, DiskError> finish();
  const SegmentIndex& index() const { return index_; }
  const TransactionIndex& transactions() const { return transactions_; }

 private:
  SegmentDraft(Disk& disk, std::unique_ptr<File> file, std::string path, protocol::Offset base,
               std::uint32_t index_interval_bytes)
      : disk_(&disk),
        file_(std::move(file)),
        path_(std::move(path)),
        base_(base),
        index_interval_bytes_(index_interval_bytes),
        index_(base) {}

  Disk* disk_;  // outlives the draft
  std::unique_ptr<File> file_;
  std::string path_;  // as it will be called
  protocol::Offset base_;
  std::uint32_t index_interval_bytes_;
  SegmentIndex index_;
  TransactionIndex transactions_;
};

}  // namespace acklab::storage
