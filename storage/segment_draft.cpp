#include "storage/segment_draft.h"

#include <utility>

namespace acklab::storage {

using protocol::failure;
using protocol::Offset;

Result<SegmentDraft, DiskError> SegmentDraft::create(Disk& disk, const std::string& directory, Offset base,
                                                     std::uint32_t index_interval_bytes) {
  std::string path = directory + "/" + segment_name(base);
  const std::string draft = path + std::string(cleaned_suffix);
  if (const auto removed = remove_if_there(disk, draft); !removed) return failure(removed.error());
  auto file = disk.open(draft);
  if (!file) return failure(file.error());
  return SegmentDraft(disk, *std::move(file), std::move(path), base, index_interval_bytes);
}

Result<void, DiskError> SegmentDraft::append(const Slice& batch, const protocol::BatchHeader& header) {
  index_.note(header, file_->size(), index_interval_bytes_);
  return file_->append(Bytes(batch));
}

Result<void, DiskError> SegmentDraft::finish() {
  index_.seal();
  if (const auto flushed = file_->flush(); !flushed) return flushed;
  return disk_->rename(path_ + std::string(cleaned_suffix), path_ + std::string(swap_suffix));
}

}  // namespace acklab::storage
